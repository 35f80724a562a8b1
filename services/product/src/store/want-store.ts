import type { Clock, Context } from '@plaza/core';
import { bucketAdditions, insert, update, type Db, type Item, type WriteOp } from '@plaza/dynamo';
import { appliedRow } from '@plaza/events';

import { isListed, type Product } from '../domain/product.ts';
import { popularityStep } from '../domain/projection.ts';
import { chunksOf, type Want } from '../domain/trending.ts';
import type { Lanes } from './lanes.ts';
import { contentOf, keys, products, wanted } from './table.ts';

/** Of one transaction: four rows each, beside the mark that they were counted. */
const CHUNK = 24;

/** What one event or task says about products. */
export interface Happening {
  /** The same on every delivery; ids of two kinds of happenings never meet. */
  readonly id: string;
  /** When it happened, in epoch milliseconds, however late it is told. */
  readonly at: number;
  readonly wants: readonly Want[];
  /** Runs right after a commit. */
  readonly committed: () => void;
}

export type WantStore = ReturnType<typeof createWantStore>;

interface Parts {
  readonly db: Db;
  /** All who want one product write the same rows. */
  readonly lanes: Lanes;
  /** Told when the step of a product's popularity may have changed; bears repetition. */
  readonly stepChanged: (ctx: Context, productId: string) => Promise<void>;
  readonly now: Clock;
}

/** How much products are wanted: ever, and within spans of time. Sums do not mind the order in which they are told. */
export const createWantStore = ({ db, lanes, stepChanged, now }: Parts) => {
  /**
   * Those that are listed, each with the step of its popularity now. What is not listed is not counted: else anybody could fill the
   * table with rows of made-up ids.
   */
  const read = async (ctx: Context, wants: readonly Want[]): Promise<(Want & { step: number })[]> => {
    const rows = await db.batchGet(
      ctx,
      products,
      wants.flatMap(({ productId }) => [keys.product(productId), keys.popularity(productId)]),
    );
    return wants.flatMap((want, i) => {
      const [product, popularity] = [rows[2 * i], rows[2 * i + 1]];
      return product && isListed(contentOf<Product>(product)) ? [{ ...want, step: stepIn(popularity) }] : [];
    });
  };

  const stepsNow = async (ctx: Context, wants: readonly Want[]): Promise<number[]> => {
    const rows = await db.batchGet(
      ctx,
      products,
      wants.map(({ productId }) => keys.popularity(productId)),
    );
    return rows.map(stepIn);
  };

  const countChunk = async (ctx: Context, mark: string, { at, committed }: Happening, chunk: readonly Want[]) => {
    const wants = await read(ctx, chunk);
    if (wants.length === 0) return;
    const rows = [insert(products, appliedRow('wants', mark, now())), ...wants.flatMap((want) => wantOps(want, at))];
    const { ok } = await lanes.run(
      wants.map(({ productId }) => productId),
      'settle',
      () => db.transact(ctx, rows),
    );
    if (ok) committed();
    // Read on both sides of the commit, since others count as well: whichever of them made the step, it lies between. Refused, an
    // earlier delivery counted this one, and may have died before it told.
    const after = await stepsNow(ctx, wants);
    for (const [i, { productId, step }] of wants.entries()) if (!ok || step !== after[i]) await stepChanged(ctx, productId);
  };

  return {
    /** Counts a happening once, however often it is delivered, and wherever an earlier delivery broke off. */
    async count(ctx: Context, happening: Happening): Promise<void> {
      for (const [i, chunk] of chunksOf(happening.wants, CHUNK).entries())
        await countChunk(ctx, `${happening.id}/${i}`, happening, chunk);
    },
  };
};

const stepIn = (popularity: Item | undefined): number => popularityStep(Number(popularity?.['points'] ?? 0));

const wantOps = ({ productId, points }: Want, at: number): WriteOp[] => [
  update(products, keys.popularity(productId), { add: { points } }),
  ...bucketAdditions(wanted, productId, at, points).map(({ key, add, set }) =>
    update(products, key, { add, ...(set && { set }) }),
  ),
];
