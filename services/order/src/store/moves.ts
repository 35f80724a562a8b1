import type { Clock, Context } from '@plaza/core';
import { all, eq, insert, lacks, lostRace, update, type Db, type Value, type WriteOp } from '@plaza/dynamo';
import type { OutboxRow, Relay } from '@plaza/events';

import type { Happening, HistoryEntry } from '../domain/history.ts';
import type { Order } from '../domain/order.ts';
import { LEASE_MS, stepOf } from '../domain/saga.ts';
import { eventsOf } from './events.ts';
import { dueKey, keys, orderTable, sagaShard, stateShardOf } from './table.ts';

export interface StoreDeps {
  readonly db: Db;
  readonly relay: Pick<Relay, 'nudge'>;
  readonly now: Clock;
  /** Hears of each change that was written here. */
  readonly changed?: (orderId: string) => void;
}

/** What a move may change. `refund: undefined` takes the refund off the order. */
export type Change = Partial<Pick<Order, 'state' | 'failure' | 'lines' | 'parcels' | 'refund' | 'sharePurchase'>>;

export type Move = (
  ctx: Context,
  order: Order,
  change: Change,
  happening: Happening,
  also?: readonly WriteOp[],
) => Promise<Order | undefined>;

/**
 * The one way in which an order changes: order, history, event and `also` are written together or not at all, if the order is still as it
 * was seen. Whoever comes second changes nothing, and gets undefined.
 * @throws AppError ABORTED WRITE_CONFLICT if the order stands and something of `also` does not hold, such as the row of a request that was
 * made before
 */
export const createMove =
  ({ db, relay, now, changed }: StoreDeps): Move =>
  async (ctx, order, change, happening, also = []) => {
    const next = nextOrder(order, change, now());
    const events = eventsOf(ctx, next, happening);
    const own = [
      update(orderTable, keys.order(order.userId, order.orderId), changesOf(next, change), asSeen(order)),
      insert(orderTable, historyRow(next, happening)),
      ...events.map((event) => insert(orderTable, event)),
    ];
    const result = await db.transact(ctx, [...own, ...also]);
    if (!result.ok) {
      // Operation 0 is the order.
      if (result.failed.some(({ index }) => index === 0)) return undefined;
      throw lostRace();
    }
    relay.nudge(events);
    changed?.(next.orderId);
    return next;
  };

/** Rows of an order that begins, without its request. */
export const firstRows = (order: Order, events: readonly OutboxRow[], happening: Happening): WriteOp[] => [
  insert(orderTable, { ...keys.order(order.userId, order.orderId), ...order, ...placeOf(order) }),
  insert(orderTable, { ...keys.ref(order.orderId), userId: order.userId }),
  insert(orderTable, historyRow(order, happening)),
  ...events.map((event) => insert(orderTable, event)),
];

/**
 * The order is still as it was read. Settling makes no version, and decides whether the order is in the due index: who has not seen it
 * would put a settled order there for good.
 */
export const asSeen = ({ state, version, settledAt }: Order) =>
  all(eq('state', state), eq('version', version), settledAt === undefined ? lacks('settledAt') : eq('settledAt', settledAt));

/** Attributes that hold a value only while the order is unfinished. */
export const SAGA_ATTRIBUTES = ['dueShard', 'dueAt', 'sagaTries'];

const nextOrder = (order: Order, change: Change, at: number): Order => ({
  ...order,
  ...change,
  version: order.version + 1,
  lease: order.lease + 1,
  updatedAt: at,
});

const changesOf = (next: Order, change: Change) => {
  const { version, lease, updatedAt } = next;
  const place = placeOf(next);
  const gone = Object.entries(change).flatMap(([name, value]) => (value === undefined ? [name] : []));
  return {
    set: { ...(change as Record<string, Value | undefined>), version, lease, updatedAt, ...place },
    remove: [...gone, ...('dueShard' in place ? [] : SAGA_ATTRIBUTES)],
  };
};

/**
 * Where the indexes have it. Who moves an order works on it for a while, so that the driver is to look again only later. Within its first
 * seconds, when nearly every order is done, the time stays, which spares the index two writes for each state.
 */
const placeOf = (order: Order) => ({
  stateShard: stateShardOf(order),
  ...(stepOf(order) && {
    dueShard: sagaShard(order.orderId),
    dueAt: dueKey((isYoung(order) ? order.createdAt : order.updatedAt) + LEASE_MS),
    sagaTries: 0,
  }),
});

const isYoung = ({ createdAt, updatedAt }: Order): boolean => createdAt <= updatedAt && updatedAt < createdAt + LEASE_MS / 2;

const historyRow = ({ orderId, version, state, updatedAt }: Order, happening: Happening) => {
  const entry: HistoryEntry = { ...happening, sequence: version, state, at: updatedAt };
  return { ...keys.history(orderId, version), ...entry };
};
