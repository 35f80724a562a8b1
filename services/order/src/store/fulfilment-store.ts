import { assertAlive, type Context, type Mutation } from '@plaza/core';
import { lostRace, once, requestRow } from '@plaza/dynamo';

import { afterLeg, type Leg } from '../domain/fulfilment.ts';
import { actorOf, type Order } from '../domain/order.ts';
import { createMove, type StoreDeps } from './moves.ts';
import { keys, orderOf, orderTable } from './table.ts';

export type FulfilmentStore = ReturnType<typeof createFulfilmentStore>;

/** What is to happen to the order as it is now. */
export interface Judgement {
  readonly order: Order;
  readonly legs: readonly Leg[];
}

/** Parcels that are sent and arrive. */
export const createFulfilmentStore = (deps: StoreDeps) => {
  const { db } = deps;
  const move = createMove(deps);

  return {
    /**
     * Takes leg after leg, each with its history and event, until `judge` has none left; the request goes with the last, so that a
     * repetition takes up what a crash left. Whoever loses a race is judged again.
     */
    async take(ctx: Context, mutation: Mutation, judge: () => Promise<Judgement>): Promise<Order> {
      let taken: Order | undefined;
      const first = await once(ctx, db, orderTable, mutation, async () => {
        for (;;) {
          assertAlive(ctx);
          const { order, legs } = await judge();
          const reply = { userId: order.userId, orderId: order.orderId };
          const request = requestRow(orderTable, mutation, reply);
          const [leg, ...others] = legs;
          if (leg === undefined) {
            if (!(await db.write(ctx, request)).ok) throw lostRace();
            taken = order;
            return reply;
          }
          const happening = { kind: leg.kind, actor: actorOf(ctx.caller), sellerId: leg.sellerId };
          const last = others.length === 0;
          const moved = await move(ctx, order, afterLeg(order, leg), happening, last ? [request] : []);
          if (last && moved) {
            taken = moved;
            return reply;
          }
        }
      });
      if (taken) return taken;
      const item = await db.get(ctx, orderTable, keys.order(first.userId, first.orderId));
      if (!item) throw new Error(`order ${first.orderId} is gone, though its request is here`);
      return orderOf(item);
    },
  };
};
