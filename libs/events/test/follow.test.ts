import { silentLog } from '@plaza/core';
import { followEvents, inspectBus, userCreated, waitingIn, type Bus, type Followed } from '@plaza/events';
import {
  createProxy,
  eventually,
  startEventSource,
  startNats,
  testerBus,
  type Engine,
  type EventSource,
  type Proxy,
} from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

let nats: Engine;
/** The reader's way to the server; the source has its own. */
let way: Proxy;
let bus: Bus;
let direct: Bus;
let source: EventSource;
beforeAll(async () => {
  nats = await startNats();
  way = await createProxy({ target: new URL(nats.url).host });
  bus = testerBus({ natsUrl: `nats://${way.address}`, namespace: 'follow' });
  direct = testerBus({ natsUrl: nats.url, namespace: 'follow' });
  source = startEventSource({ natsUrl: nats.url, namespace: 'follow', owner: 'user' });
});
afterAll(async () => {
  await source?.close();
  await bus?.close();
  await direct?.close();
  await way?.close();
  await nats?.stop();
});

test('a reader is told what is there since a time and what comes, once, in its order, over a broken connection', async () => {
  const heard: Followed[] = [];
  await publish('ann');
  const following = follow({ from: Date.now() - 60_000 }, heard);
  await eventually(() => expect(namesOf(heard)).toEqual(['ann']));
  expect(heard[0]).toMatchObject({ subject: userCreated.subject, version: 1 });
  const before = await stored();
  way.cut();
  await publish('bob');
  await eventually(async () => expect(await stored()).toBe(before + 1));
  way.heal();
  await publish('cid');
  await eventually(() => expect(namesOf(heard).toSorted()).toEqual(['ann', 'bob', 'cid']), { timeoutMs: 20_000 });
  await following.close();
  await publish('dan');
  expect(namesOf(heard)).toHaveLength(3);
});

test('without a time only what comes is told, also when the stream is made anew', async () => {
  const heard: Followed[] = [];
  const following = follow({}, heard);
  await eventually(async () => {
    await publish('eve');
    expect(namesOf(heard)).toContain('eve');
  });
  expect(namesOf(heard)).not.toContain('ann');
  await nats.wipe();
  await publish('fay');
  await eventually(() => expect(namesOf(heard)).toContain('fay'), { timeoutMs: 20_000 });
  await following.close();
});

test('the bus is looked at: its version, its streams, and what waits in them', async () => {
  const seen = await inspectBus(bus, 5_000);
  expect(seen.version).toMatch(/^\d+\.\d+/);
  expect(seen.streams).toMatchObject([{ name: 'follow_PLAZA_USER', consumers: [] }]);
  expect(waitingIn(seen)).toBe(0);
  expect(
    waitingIn({
      ...seen,
      streams: [{ ...seen.streams[0]!, consumers: [{ durable: 'd', waiting: 2, inHand: 1, redelivered: 0 }] }],
    }),
  ).toBe(3);
});

const follow = (from: { from?: number }, heard: Followed[]) =>
  followEvents({ bus, owner: 'user', subject: '*', ...from, log: silentLog, hear: (event) => heard.push(event) });

const publish = (username: string) => source.publish(userCreated, { userId: 'u1', username, createTime: new Date() });

/** Messages of the stream, past the reader's way. */
const stored = async (): Promise<number> => (await inspectBus(direct, 5_000)).streams[0]!.messages;

const namesOf = (heard: readonly Followed[]) => heard.map(({ payload }) => userCreated.decode(payload).username);
