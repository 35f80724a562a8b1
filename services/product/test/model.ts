import type { Outcome, Step } from './history.ts';

/** The whole of stock and reservations, as simple as it can be said. */
export interface World {
  readonly stock: Readonly<Record<string, { readonly onHand: number; readonly reserved: number }>>;
  readonly orders: Readonly<Record<string, Order>>;
  /** Answers of applied requests, by request id. */
  readonly answers: Readonly<Record<string, Outcome>>;
  /** How many of each were published. */
  readonly events: Readonly<Record<Order['state'], number>>;
}

export interface Order {
  readonly state: 'RESERVED' | 'COMMITTED' | 'RELEASED';
  readonly lines: Readonly<Record<string, number>>;
  readonly until: number;
}

/** What one call answers in this world, and the world after it. */
export const play = (world: World, step: Step): { outcome: Outcome; world: World } => {
  const earlier = world.answers[step.requestId];
  if (earlier) return { outcome: earlier, world };
  const { outcome, change = {} } = decide(world, step);
  // A refusal is decided anew, and so is a look.
  const answers = outcome.refused || step.kind === 'look' ? world.answers : { ...world.answers, [step.requestId]: outcome };
  return { outcome, world: { ...world, ...change, answers } };
};

type Decision = { outcome: Outcome; change?: Partial<World> };

const refuse = (refused: string, left: Record<string, number> = {}): Decision => ({ outcome: { refused, left } });

const decide = (world: World, step: Step): Decision => {
  const order = world.orders['orderId' in step ? step.orderId : ''];
  switch (step.kind) {
    case 'adjust': {
      const { onHand, reserved } = world.stock[step.productId]!;
      if (onHand - reserved + step.delta < 0) return refuse('INSUFFICIENT_STOCK', { [step.productId]: onHand - reserved });
      const next = { onHand: onHand + step.delta, reserved };
      return { outcome: { answer: [next.onHand, reserved] }, change: { stock: { ...world.stock, [step.productId]: next } } };
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
      if (order.state === 'COMMITTED') return { outcome: { answer: [] } };
      return settle(world, step.orderId, 'COMMITTED', [-1, -1]);
    case 'release':
      if (!order) return { outcome: { answer: [] }, change: { orders: { ...world.orders, [step.orderId]: tombstone } } };
      if (order.state === 'RELEASED') return { outcome: { answer: [] } };
      return settle(world, step.orderId, 'RELEASED', order.state === 'COMMITTED' ? [1, 0] : [0, -1]);
  }
};

const tombstone: Order = { state: 'RELEASED', lines: {}, until: 0 };

const again = (order: Order, lines: Order['lines']): Decision => {
  if (order.state === 'RELEASED') return refuse('RESERVATION_RELEASED');
  const all = Object.keys({ ...order.lines, ...lines });
  if (all.some((id) => order.lines[id] !== lines[id])) return refuse('RESERVATION_MISMATCH');
  return { outcome: { answer: [order.until] } };
};

const reserve = ({ stock, orders, events }: World, { orderId, lines, until }: Step & { kind: 'reserve' }): Decision => {
  const wanted = Object.entries(lines);
  const left = (id: string) => stock[id]!.onHand - stock[id]!.reserved;
  const short = wanted.filter(([id, units]) => left(id) < units);
  if (short.length > 0) return refuse('INSUFFICIENT_STOCK', Object.fromEntries(short.map(([id]) => [id, left(id)])));
  const taken = wanted.map(([id, units]) => [id, { onHand: stock[id]!.onHand, reserved: stock[id]!.reserved + units }]);
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
    { onHand: stock[id]!.onHand + onHand * units, reserved: stock[id]!.reserved + reserved * units },
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
