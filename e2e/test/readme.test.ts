import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { ROOT } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startWorld, type World } from '../src/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ services: ['user', 'product', 'order', 'social-graph', 'feed'] });
});
afterAll(() => world?.close());

test('the session that the README shows works as pasted', { timeout: 120_000 }, async () => {
  const [, block = ''] = /### Sign up[^]*?```sh\n([^]*?)```/.exec(readFileSync(join(ROOT, 'README.md'), 'utf8')) ?? [];
  const script = `set -o pipefail\ntrap 'echo "FAILED: $BASH_COMMAND" >&2' ERR\n${block}`;
  const env = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    TOKEN: world.plaza.keys.adminToken(),
    PLAZA_USER: world.plaza.addresses.user,
    PLAZA_PRODUCT: world.plaza.addresses.product,
    PLAZA_ORDER: world.plaza.addresses.order,
    PLAZA_FEED: world.plaza.addresses.feed,
  };
  const run = promisify(execFile)('bash', ['-c', `${script}\ntrue`], { cwd: ROOT, env });
  const { stdout, stderr } = await run;

  const answers = stdout
    .split(/^(?=\{)/m)
    .filter((text) => text.trim() !== '')
    .map((text) => JSON.parse(text) as Record<string, unknown>);
  const [whoami, credited, transferred, ledger, inCart, ordered, shipped, history, liked, found, home, told, signedOut] = answers;
  expect(whoami).toMatchObject({ session: { current: true }, user: { state: 'USER_STATE_ACTIVE' }, loginCount: '1' });
  expect(credited).toMatchObject({ wallet: { balance: { units: '20' } } });
  expect(transferred).toMatchObject({ transfer: { amount: { units: '7', nanos: 500_000_000 } } });
  expect(ledger).toMatchObject({ entries: [{ kind: 'LEDGER_KIND_TRANSFER' }, { kind: 'LEDGER_KIND_CREDIT' }] });
  expect(inCart).toMatchObject({ item: { quantity: '2' } });
  expect(ordered).toMatchObject({ order: { state: 'ORDER_STATE_PAID', total: { units: '10' } } });
  expect(shipped).toMatchObject({ order: { state: 'ORDER_STATE_SHIPPED' } });
  const kinds = (history as { events: { kind: string }[] }).events.map(({ kind }) => kind.replace('ORDER_EVENT_KIND_', ''));
  expect(kinds).toEqual(['CREATED', 'RESERVED', 'PAID', 'SHIPPED']);
  expect(liked).toMatchObject({ likeTime: expect.any(String) });
  // Displayed stock may be seconds old.
  const available = expect.stringMatching(/^(8|10)$/);
  expect(found).toMatchObject({ posts: [{ products: [{ name: 'Cup', available, state: 'PRODUCT_CARD_STATE_LISTED' }] }] });
  expect(home).toMatchObject({ items: [{ reason: 'FEED_REASON_FOLLOW', post: { viewer: { liked: true } } }] });
  // What is told follows by events.
  expect(told).toBeDefined();
  expect(signedOut).toEqual({});
  expect(answers).toHaveLength(13);

  // One refusal, that of the ended session, and nothing else went wrong on the way.
  expect(stderr.match(/^FAILED: /gm)).toHaveLength(1);
  expect(stderr).toContain('the session of the token was ended');
});
