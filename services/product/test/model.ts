import type { Outcome, Step } from './history.ts';

/** The whole of stock and reservations, as simple as it can be said. */
export interface World {
  readonly stock: Readonly<Record<string, Units>>;
  readonly orders: Readonly<Record<string, Order>>;
  /** Answers of applied requests, by request id. */
  readonly answers: Readonly<Record<string, Outcome>>;
  /** How many of each were published. */
  readonly events: Readonly<Record<Order['state'], number>>;
  /** What was told of each product, in the order in which it happened. */
  readonly turns: Readonly<Record<string, readonly ('DEPLETED' | 'RESTOCKED')[]>>;
}

interface Units {
  readonly onHand: number;
  readonly reserved: number;
  /** Deleted: nobody takes of it or corrects it. */
  readonly closed: boolean;
}

export interface Order {
  readonly state: 'RESERVED' | 'COMMITTED' | 'RELEASED' | 'EXPIRED';
  readonly lines: Readonly<Record<string, number>>;
  readonly until: number;
}

/** What one call answers in this world, and the world after it. */
export const play = (world: World, step: Step): { outcome: Outcome; world: World } => {
  const earlier = world.answers[step.requestId];
  if (earlier) return { outcome: earlier, world };
  const { outcome, change = {} } = decide(world, step);
  // A refusal is decided anew, and so is what carries no request id.
  const answers = outcome.refused || NAMELESS.has(step.kind) ? world.answers : { ...world.answers, [step.requestId]: outcome };
  return { outcome, world: { ...world, ...change, turns: turnsOf(world, change.stock), answers } };
};

const NAMELESS: ReadonlySet<Step['kind']> = new Set<Step['kind']>(['look', 'expire', 'close', 'open']);

const availableOf = ({ onHand, reserved }: Units): number => onHand - reserved;

/** Each product whose last unit went or whose first one came tells so, once. */
const turnsOf = ({ stock, turns }: World, next: World['stock'] = stock): World['turns'] =>
  Object.fromEntries(
    Object.entries(turns).map(([id, told]) => {
      const [before, after] = [availableOf(stock[id]!), availableOf(next[id]!)];
      if (before > 0 === after > 0) return [id, told];
      return [id, [...told, after > 0 ? ('RESTOCKED' as const) : ('DEPLETED' as const)]];
    }),
  );

type Decision = { outcome: Outcome; change?: Partial<World> };

const refuse = (refused: string, left: Record<string, number> = {}): Decision => ({ outcome: { refused, left } });

const decide = (world: World, step: Step): Decision => {
  const order = world.orders['orderId' in step ? step.orderId : ''];
  switch (step.kind) {
    case 'adjust': {
      const units = world.stock[step.productId]!;
      const left = availableOf(units);
      if (units.closed) return refuse('PRODUCT_INACTIVE', { [step.productId]: 0 });
      if (left + step.delta < 0) return refuse('INSUFFICIENT_STOCK', { [step.productId]: left });
      const next = { ...units, onHand: units.onHand + step.delta };
      return { outcome: { answer: [next.onHand, next.reserved] }, change: { stock: { ...world.stock, [step.productId]: next } } };
    }
    case 'close':
    case 'open': {
      const units = { ...world.stock[step.productId]!, closed: step.kind === 'close' };
      return { outcome: { answer: [] }, change: { stock: { ...world.stock, [step.productId]: units } } };
    }
    case 'look': {
      const { onHand, reserved } = world.stock[step.productId]!;
      return { outcome: { answer: [onHand, reserved] } };
    }
    case 'reserve':
      return order ? again(order, step.lines) : reserve(world, step);
    case 'commit':
      if (!order) return refuse('RESERVATION_NOT_FOUND');
      if (order.state === 'RELEASED') return refuse('RESERVATION_RELEASED');
      if (order.state === 'EXPIRED') return refuse('RESERVATION_EXPIRED');
      if (order.state === 'COMMITTED') return { outcome: { answer: [] } };
      return settle(world, step.orderId, 'COMMITTED', [-1, -1]);
    case 'release':
      if (!order) return { outcome: { answer: [] }, change: { orders: { ...world.orders, [step.orderId]: tombstone } } };
      if (order.state === 'RELEASED' || order.state === 'EXPIRED') return { outcome: { answer: [] } };
      return settle(world, step.orderId, 'RELEASED', order.state === 'COMMITTED' ? [1, 0] : [0, -1]);
    case 'expire':
      if (order?.state !== 'RESERVED' || order.until > step.at) return { outcome: { answer: [] } };
      return settle(world, step.orderId, 'EXPIRED', [0, -1]);
  }
};

const tombstone: Order = { state: 'RELEASED', lines: {}, until: 0 };

const again = (order: Order, lines: Order['lines']): Decision => {
  if (order.state === 'RELEASED') return refuse('RESERVATION_RELEASED');
  if (order.state === 'EXPIRED') return refuse('RESERVATION_EXPIRED');
  const all = Object.keys({ ...order.lines, ...lines });
  if (all.some((id) => order.lines[id] !== lines[id])) return refuse('RESERVATION_MISMATCH');
  return { outcome: { answer: [order.until] } };
};

const reserve = ({ stock, orders, events }: World, { orderId, lines, until }: Step & { kind: 'reserve' }): Decision => {
  const wanted = Object.entries(lines);
  const closed = wanted.filter(([id]) => stock[id]!.closed);
  if (closed.length > 0) return refuse('PRODUCT_INACTIVE', Object.fromEntries(closed.map(([id]) => [id, 0])));
  const left = (id: string) => availableOf(stock[id]!);
  const short = wanted.filter(([id, units]) => left(id) < units);
  if (short.length > 0) return refuse('INSUFFICIENT_STOCK', Object.fromEntries(short.map(([id]) => [id, left(id)])));
  const taken = wanted.map(([id, units]) => [id, { ...stock[id]!, reserved: stock[id]!.reserved + units }]);
  return {
    outcome: { answer: [until] },
    change: {
      stock: { ...stock, ...Object.fromEntries(taken) },
      orders: { ...orders, [orderId]: { state: 'RESERVED', lines, until } },
      events: { ...events, RESERVED: events.RESERVED + 1 },
    },
  };
};

const settle = (world: World, orderId: string, state: Order['state'], [onHand, reserved]: [number, number]): Decision => {
  const { stock, orders, events } = world;
  const order = orders[orderId]!;
  const moved = Object.entries(order.lines).map(([id, units]) => [
    id,
    { ...stock[id]!, onHand: stock[id]!.onHand + onHand * units, reserved: stock[id]!.reserved + reserved * units },
  ]);
  return {
    outcome: { answer: [] },
    change: {
      stock: { ...stock, ...Object.fromEntries(moved) },
      orders: { ...orders, [orderId]: { ...order, state } },
      events: { ...events, [state]: events[state] + 1 },
    },
  };
};
