import { createPageTokens } from '@plaza/core';
import { asAdmin, eventually } from '@plaza/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import { eventAdminHandlers, orderFailed } from '../src/index.ts';
import { createWorld, failedRow, sharedNats, type World } from './world.ts';

let nats: Awaited<ReturnType<typeof sharedNats>>;
let world: World;
beforeAll(async () => void (nats = await sharedNats()));
afterAll(() => nats.stop());
beforeEach(() => void (world = createWorld(nats.url)));
afterEach(() => world.close());

test('an operator sees what waits, lists the dead page by page, and hands one out again', async () => {
  let broken = true;
  let handled = 0;
  const consumers = world.consumers([1]);
  consumers.on(orderFailed, {
    durable: 'test-admin',
    handle: () => (broken ? Promise.reject(new Error('broken')) : Promise.resolve(void handled++)),
  });
  consumers.start();
  const admin = handlers();
  const rows = Array.from({ length: 5 }, (_, i) => failedRow(`o${i}`));
  world.outbox.commit(...rows);
  await eventually(() => expect(world.deadLetters.all()).toHaveLength(5));

  const pages: string[][] = [];
  for (let pageToken = ''; pages.length === 0 || pageToken !== '';) {
    const page = await admin.listDeadLetters(asAdmin(), { pageSize: 2, pageToken });
    pages.push(page.deadLetters.map(({ eventId }) => eventId));
    pageToken = page.nextPageToken;
  }
  expect(pages.map((page) => page.length)).toEqual([2, 2, 1]);
  expect(pages.flat()).toEqual(rows.map(({ sk }) => sk).toReversed());

  broken = false;
  await admin.redriveDeadLetter(asAdmin(), { deadLetterId: `test-admin/${rows[0]!.sk}` });
  await eventually(() => expect(handled).toBe(1));
  await eventually(() => expect(world.deadLetters.all()).toHaveLength(4));

  await eventually(async () => {
    const status = await admin.getOutboxStatus(asAdmin(), {});
    expect(status).toEqual({ pending: 0n, oldestTime: undefined, busConnected: true });
  });
  expect(await admin.replayEvents(asAdmin(), { fromTime: new Date(0) })).toEqual({ replayed: 5n });
  await eventually(() => expect(handled).toBe(6));
});

test('a page token of another listing is refused', async () => {
  const foreign = createPageTokens('secret').encode({ method: 'x', caller: 'admin', filter: 'order' }, 'a/b');
  await expect(handlers().listDeadLetters(asAdmin(), { pageSize: 0, pageToken: foreign })).rejects.toMatchObject({
    reason: 'PAGE_TOKEN_INVALID',
  });
});

test('an unknown letter is refused, and so is a replay while the bus is away', async () => {
  const admin = handlers();
  await expect(admin.redriveDeadLetter(asAdmin(), { deadLetterId: 'a/b' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await world.close();
  await expect(admin.replayEvents(asAdmin(), { fromTime: new Date(0) })).rejects.toMatchObject({ reason: 'BUS_UNAVAILABLE' });
});

const handlers = () =>
  eventAdminHandlers({
    service: 'test',
    relay: world.relay(20),
    deadLetters: world.deadLetters,
    pageTokens: createPageTokens('secret'),
  });
