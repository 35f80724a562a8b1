import { assertAlive } from '@plaza/core';

import { orderNotFound, sequenceAhead } from '../domain/errors.ts';
import { hasEnded, isOver } from '../domain/saga.ts';
import { toEventMessage, toMessage } from '../mapping.ts';
import type { Deps, OrderHandlers } from './index.ts';

/** How late a change is told of that another process made while the bus is away, or that no event tells of. */
const POLL_MS = 2000;
/** Events read at a time. */
const STRETCH = 100;

export const watchOrder = ({ orders, history, hub }: Pick<Deps, 'orders' | 'history' | 'hub'>): OrderHandlers['watchOrder'] =>
  async function* (ctx, { orderId, afterSequence }) {
    const read = async () => {
      const order = await orders.ofCaller(ctx, orderId);
      if (!order) throw orderNotFound(orderId);
      return order;
    };
    // Before anything is read: what happens later wakes us.
    using lookout = hub.watch(orderId);
    let order = await read();
    if (Number(afterSequence) > order.version) throw sequenceAhead(order.version);
    for (let last = Number(afterSequence); ;) {
      const { entries } = await history.after(ctx, orderId, last, STRETCH);
      const newest = entries.at(-1)?.sequence ?? last;
      // Without a step in its history, an order that has ended is settled.
      if (newest > order.version || hasEnded(order)) order = await read();
      for (const entry of entries) yield { event: toEventMessage(entry), order: toMessage(order) };
      last = newest;
      if (last < order.version) continue;
      if (isOver(order)) return;
      await lookout.next(POLL_MS, ctx.signal);
      assertAlive(ctx);
    }
  };
