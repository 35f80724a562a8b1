import { eventAdminClient } from '@plaza/clients';
import { newId, noMetrics, silentLog } from '@plaza/core';
import { asAdmin, asService, eventually, startEngines, startPlaza, testContext, testKeys, uniqueNamespace } from '@plaza/testing';
import type { Engines, Plaza } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { euro, registration } from './builders.ts';
import { startCollector } from './collector.ts';
import { patient } from './patient.ts';

const PASSWORD = 'correct horse battery staple';

/** In the order in which the test meets them: whoever follows a dead process is armed with the next point. */
const CRASH_POINTS = ['create', 'credit', 'hold', 'capture', 'release', 'session', 'refresh'].map((step) => `user.after-${step}`);

let engines: Engines;
let plaza: Plaza;
let collector: Awaited<ReturnType<typeof startCollector>>;
const lines: string[] = [];

beforeAll(async () => {
  engines = await startEngines();
  collector = await startCollector();
  plaza = await startPlaza({
    engines,
    namespace: uniqueNamespace(),
    services: ['user'],
    env: { DEV_ADMIN_TOKEN: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint },
    crashAt: { user: CRASH_POINTS[0]! },
    log: (_, line) => lines.push(line),
  });
});
afterAll(async () => {
  await plaza?.close();
  collector?.close();
  await engines?.close();
});

test('while the collector takes nothing calls go on, one line tells of it; then spans come with their process and trace', async () => {
  const { users } = plaza.clients;
  const lost = () => lines.filter((line) => line.includes('traces.lost'));
  await eventually(async () => {
    await users.listUsers(asAdmin(), { state: 1, pageSize: 1 });
    expect(lost()).toHaveLength(1);
  });
  collector.open();
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  await users.listUsers({ ...asAdmin(), trace: `00-${traceId}-b7ad6b7169203331-01` }, { state: 1, pageSize: 1 });
  await eventually(() => {
    const sent = collector.bodies().join('');
    for (const part of ['/v1/traces', traceId, '"user"', 'plaza.user.v1.UserService/ListUsers', 'dynamodb.Query'])
      expect(sent).toContain(part);
  });
  expect(lost()).toHaveLength(1);
});

test('the admin token of development is printed once and is one', async () => {
  const printed = () =>
    lines.flatMap((line) => (line.includes('admin_token.printed') ? [JSON.parse(line) as { token: string }] : []));
  const [{ token }] = await eventually(() => (expect(printed()).toHaveLength(1), printed() as [{ token: string }]));
  expect(testKeys().verifier.verify(token)).toEqual({ kind: 'admin' });
});

test('killed right after each commit, the service gives a repeated request the right answer', { timeout: 300_000 }, async () => {
  const { clients } = plaza;
  const [users, sessions, wallets] = [patient(clients.users), patient(clients.sessions), patient(clients.wallets)];
  const order = () => asService('order');
  const toMeet = CRASH_POINTS.slice(1);

  /** The process dies behind the commit; its successor is asked the same again. */
  const survive = async <T>(call: () => Promise<T>): Promise<T> => {
    const { exited } = plaza.process('user');
    const lost = call().catch(() => undefined);
    expect(await exited).toMatchObject({ signal: 'SIGKILL' });
    await plaza.process('user').restart({ CRASH_AT: toMeet.shift() ?? '' });
    await lost;
    return call();
  };

  const adaWish = registration({ password: PASSWORD });
  const { user: ada } = await survive(() => users.createUser(testContext(), adaWish));
  const { user: shop } = await users.createUser(testContext(), registration());
  const [userId, sellerId] = [ada!.userId, shop!.userId];
  expect((await users.createUser(testContext(), adaWish)).user).toEqual(ada);

  const credit = { userId, amount: euro(10), reason: 'gift', requestId: newId() };
  const { wallet } = await survive(() => wallets.creditWallet(asAdmin(), credit));
  expect(wallet?.balance).toEqual(euro(10));

  const [kept, dropped] = [newId(), newId()];
  const hold = { orderId: kept, userId, amount: euro(4), requestId: newId() };
  await survive(() => wallets.placeHold(order(), hold));
  await wallets.placeHold(order(), { ...hold, orderId: dropped, requestId: newId() });
  const capture = { orderId: kept, payouts: [{ userId: sellerId, amount: euro(4) }], requestId: newId() };
  await survive(() => wallets.captureHold(order(), capture));
  const release = { orderId: dropped, requestId: newId() };
  await survive(() => wallets.releaseHold(order(), release));
  const after = (id: string) => wallets.getWallet(asAdmin(), { userId: id });
  expect((await after(userId)).wallet).toMatchObject({ balance: euro(6), available: euro(6), held: euro(0) });
  expect((await after(sellerId)).wallet).toMatchObject({ balance: euro(4), available: euro(4) });

  const login = { login: ada!.username, password: PASSWORD, requestId: newId() };
  const { tokens } = await survive(() => sessions.createSession(testContext(), login));
  const refresh = { refreshToken: tokens!.refreshToken, requestId: newId() };
  const { tokens: next } = await survive(() => sessions.refreshSession(testContext(), refresh));
  await sessions.refreshSession(testContext(), { refreshToken: next!.refreshToken, requestId: newId() });

  // Events whose process died before they were published are published by the next.
  const target = { address: plaza.addresses.user, token: testKeys().tokenOf, log: silentLog, metrics: noMetrics };
  const events = eventAdminClient(target);
  await eventually(async () => expect((await events.getOutboxStatus(asAdmin(), {})).pending).toBe(0n), { timeoutMs: 60_000 });
  events.close();
});

test('asked to end, it ends in order', async () => {
  expect(await plaza.process('user').stop()).toMatchObject({ code: 0 });
});
