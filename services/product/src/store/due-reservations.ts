import type { Context } from '@plaza/core';
import type { Db } from '@plaza/dynamo';

import type { Reservation } from '../domain/reservation.ts';
import { contentOf, dueBy, dueParts, dueShards, keyOf, products } from './table.ts';

/** A reservation that the index says is over its time. */
export interface Due {
  readonly orderId: string;
  /** Epoch milliseconds. */
  readonly reservedUntil: number;
}

/** Reservations read at a time. */
const STRETCH = 100;

export type DueReservations = ReturnType<typeof createDueReservations>;

/** The index of standing reservations. It is late, so that it only proposes: the rows decide. */
export const createDueReservations = ({ db }: { db: Db }) => ({
  /** The longest overdue ones of each shard, `but` those. */
  async due(ctx: Context, now: number, limitPerShard: number, but: { has(orderId: string): boolean }): Promise<Due[]> {
    const shard = async (pk: string): Promise<Due[]> => {
      const found: Due[] = [];
      let after;
      do {
        const page = await db.query(ctx, products, { index: 'byDue', pk, sk: { lt: dueBy(now) }, limit: limitPerShard, after });
        found.push(...page.items.map((item) => dueParts(item['dueKey'] as string)).filter(({ orderId }) => !but.has(orderId)));
        after = page.after;
      } while (after && found.length < limitPerShard);
      return found;
    };
    return (await Promise.all(dueShards.map(shard))).flat();
  },

  /** All that stand, whenever they are due, in stretches, each read strongly. */
  async *standing(ctx: Context): AsyncGenerator<Reservation[]> {
    for (const pk of dueShards) {
      let after;
      do {
        const page = await db.query(ctx, products, { index: 'byDue', pk, limit: STRETCH, after });
        const rows = await db.batchGet(ctx, products, page.items.map(keyOf));
        yield rows.flatMap((row) => (row ? [contentOf<Reservation>(row)] : [])).filter(({ state }) => state === 'RESERVED');
        after = page.after;
      } while (after);
    }
  },
});
