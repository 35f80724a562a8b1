import { silentLog } from '@plaza/core';
import { eventually, startNats, type Engine } from '@plaza/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { writeHeaders } from '../src/envelope.ts';
import { listen, orderFailed, orderPaid, type Bus, type Heard } from '../src/index.ts';
import { eventSubject } from '../src/names.ts';
import { createWorld, type World } from './world.ts';

let nats: Engine;
let world: World;
let publisher: Bus;
beforeEach(async () => {
  nats = await startNats();
  world = createWorld(nats.url);
  publisher = world.bus();
});
afterEach(async () => {
  await world.close();
  await nats.stop();
});

test('every process hears every event of the service, and none of another', async () => {
  const [a, b, other] = [hear(), hear(), hear('product')];
  await untilHeard(a, b);
  await publish('o1', orderFailed.subject);
  await publish('o2', orderPaid.subject);
  const told = [
    { aggregateId: 'o1', version: 3, subject: 'plaza.order.v1.OrderFailed' },
    { aggregateId: 'o2', version: 3, subject: 'plaza.order.v1.OrderPaid' },
  ];
  for (const { events } of [a, b]) await eventually(() => expect(events.slice(-2)).toMatchObject(told));
  expect(other.events).toEqual([]);
});

test('after the bus was away it hears again, and each event once', async () => {
  const { events, bus } = hear();
  await untilHeard({ events });
  await nats.kill();
  await eventually(() => expect([bus.connected(), publisher.connected()]).toEqual([false, false]));
  await nats.start();
  events.length = 0;
  await untilHeard({ events });
  await publish('o1', orderFailed.subject);
  await publish('the last', orderFailed.subject);
  await eventually(() => expect(events.at(-1)).toMatchObject({ aggregateId: 'the last' }));
  expect(events.filter(({ aggregateId }) => aggregateId === 'o1')).toHaveLength(1);
});

test('what is no event of ours is passed over', async () => {
  const { events } = hear();
  await untilHeard({ events });
  publisher.link()!.connection.publish(eventSubject(world.namespace, orderPaid.subject), Uint8Array.of(0xff));
  await publish('o1', orderFailed.subject);
  await eventually(() => expect(events.at(-1)).toMatchObject({ aggregateId: 'o1' }));
});

test('whoever has stopped listening hears nothing', async () => {
  const [stops, stays] = [hear(), hear()];
  await untilHeard(stops, stays);
  stops.listening.close();
  await eventually(() => stops.bus.link()!.connection.flush());
  stops.events.length = 0;
  await untilHeard(stays);
  expect(stops.events).toEqual([]);
});

const hear = (owner = 'order') => {
  const events: Heard[] = [];
  const bus = world.bus();
  const listening = listen({ bus, owner, log: silentLog, hear: (event) => events.push(event) });
  return { events, bus, listening };
};

const publish = async (aggregateId: string, subject: string): Promise<void> => {
  const { connection } = publisher.link()!;
  const headers = writeHeaders({ id: aggregateId, subject, occurredAt: 0, aggregateId, version: 3, trace: '' });
  connection.publish(eventSubject(world.namespace, subject), Uint8Array.of(), { headers });
  await connection.flush();
};

/** Who listens is told by nothing but what it hears. */
const untilHeard = async (...listeners: readonly { readonly events: readonly Heard[] }[]): Promise<void> => {
  const before = listeners.map(({ events }) => events.length);
  await eventually(async () => {
    await publish('warm-up', orderFailed.subject);
    listeners.forEach(({ events }, i) => expect(events.length).toBeGreaterThan(before[i]!));
  });
};
