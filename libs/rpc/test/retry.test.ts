import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

import { AppError } from '@plaza/core';
import { SessionServiceDefinition } from '@plaza/proto/plaza/user/v1/session_service';
import { expect, test } from 'vitest';

import { noLimits } from '../src/index.ts';
import { alice, as, bindSome, bob, clientOf, context, graph, graphClient, refusal, serve } from './fixture.ts';

const follow = { followerId: alice, followeeId: bob };
const away = () => new AppError('UNAVAILABLE', 'STORE_UNAVAILABLE', 'the table store did not answer');

test('UNAVAILABLE is repeated where the proto says that this is harmless', async () => {
  let tries = 0;
  const { target } = await serve([
    graph({
      async follow() {
        if (++tries < 3) throw away();
        return { state: 1 };
      },
    }),
  ]);
  await graphClient(target, as.alice).follow(context(), follow);
  expect(tries).toBe(3);
});

test('it is repeated four times at most, and the last refusal is told', async () => {
  let tries = 0;
  const { target } = await serve([
    graph({
      follow() {
        tries++;
        return Promise.reject(away());
      },
    }),
  ]);
  const error = await refusal(graphClient(target, as.alice).follow(context({ timeoutMs: 5_000 }), follow));
  expect(error).toMatchObject({ code: 'UNAVAILABLE', reason: 'STORE_UNAVAILABLE' });
  expect(tries).toBeLessThanOrEqual(4);
  expect(tries).toBeGreaterThan(1);
});

test('nothing else is repeated', async () => {
  let tries = 0;
  const { target } = await serve([
    graph({
      follow() {
        tries++;
        return Promise.reject(new AppError('ABORTED', 'WRITE_CONFLICT', 'lost the race'));
      },
    }),
  ]);
  expect(await refusal(graphClient(target, as.alice).follow(context(), follow))).toMatchObject({ reason: 'WRITE_CONFLICT' });
  expect(tries).toBe(1);
});

test('a method without idempotency_level is never repeated', async () => {
  let tries = 0;
  const refuse = () => {
    tries++;
    return Promise.reject(away());
  };
  const { target } = await serve([bindSome(SessionServiceDefinition, { createSession: refuse })], {
    service: 'user',
    limiter: noLimits,
  });
  const sessions = clientOf(SessionServiceDefinition, target);
  const error = await refusal(sessions.createSession(context(), { login: 'alice', password: 'a password' }));
  expect(error).toMatchObject({ reason: 'STORE_UNAVAILABLE' });
  expect(tries).toBe(1);
});

test('a peer in trouble is not buried under repetitions', async () => {
  let tries = 0;
  const { target } = await serve([
    graph({
      listFollowers() {
        tries++;
        return Promise.reject(away());
      },
    }),
  ]);
  const client = graphClient(target);
  for (let i = 0; i < 60; i++) await refusal(client.listFollowers(context(), { userId: alice }));
  expect(tries).toBeLessThan(75);
});

test('nobody there is UNAVAILABLE PEER_UNAVAILABLE, at once', async () => {
  const listener = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => listener.once('listening', resolve));
  const { port } = listener.address() as AddressInfo;
  await new Promise((resolve) => listener.close(resolve));
  const started = Date.now();
  const error = await refusal(clientOf(SessionServiceDefinition, `127.0.0.1:${port}`).createSession(context(), {}));
  expect(error).toMatchObject({ code: 'UNAVAILABLE', reason: 'PEER_UNAVAILABLE', details: { domain: 'plaza' } });
  expect(Date.now() - started).toBeLessThan(1_000);
});
