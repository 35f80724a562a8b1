import type { Context } from '@plaza/core';
import type { Db } from '@plaza/dynamo';

import type { Movement } from '../domain/movement.ts';
import { contentOf, keys, products } from './table.ts';

/** Rows read at a time where all are wanted: some 200 bytes each. */
const STRETCH = 1000;

export interface MovementPage {
  readonly movements: readonly Movement[];
  /** Where to go on; absent at the end. */
  readonly next: string | undefined;
}

export type MovementStore = ReturnType<typeof createMovementStore>;

/** What changed the units on hand, by product. Corrections are written by those who correct (stock-store.ts). */
export const createMovementStore = ({ db }: { db: Db }) => ({
  /** By natural keys: writing them again changes nothing. */
  async record(ctx: Context, movements: readonly Movement[]): Promise<void> {
    const put = movements.map((movement) => ({ ...keys.movement(movement.productId, movement.movementId), ...movement }));
    await db.batchWrite(ctx, products, { put });
  },

  /** Newest first, those before a movement if one is named. */
  async page(
    ctx: Context,
    productId: string,
    { size, before }: { size: number; before: string | undefined },
  ): Promise<MovementPage> {
    const page = await db.query(ctx, products, {
      pk: keys.product(productId).pk,
      sk: { beginsWith: keys.movement(productId, '').sk },
      descending: true,
      // One more than asked for tells whether there is a next page.
      limit: size + 1,
      after: before === undefined ? undefined : keys.movement(productId, before),
    });
    const movements = page.items.slice(0, size).map((item) => contentOf<Movement>(item));
    return { movements, next: page.items.length > size ? movements.at(-1)?.movementId : undefined };
  },

  /** What all movements of a product add up to. There may be many: they are read page by page, and none is kept. */
  async sum(ctx: Context, productId: string): Promise<number> {
    const { pk, sk } = keys.movement(productId, '');
    let sum = 0;
    let after: { pk: string; sk: string } | undefined;
    do {
      const page = await db.query(ctx, products, { pk, sk: { beginsWith: sk }, limit: STRETCH, after });
      for (const item of page.items) sum += contentOf<Movement>(item).delta;
      after = page.after;
    } while (after);
    return sum;
  },
});
