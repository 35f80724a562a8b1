import { crashPoint, type Clock, type Context, type Mutation } from '@plaza/core';
import { check, eq, insert, lostRace, once, put, requestRow, type Db, type WriteOp } from '@plaza/dynamo';
import type { OutboxRow, Relay } from '@plaza/events';

import { deletedProduct, type Product, type ProductPath } from '../domain/product.ts';
import { closeStock, deletedEvent, openStock, productRow, restoredEvent, updatedEvents } from './product-rows.ts';
import type { ProductStore } from './product-store.ts';
import { keys, products as productTable } from './table.ts';

/** Decides on what the table holds now. Throws refusals. */
type Decide<T> = (product: Product | undefined) => T;

interface Change {
  readonly before: Product;
  readonly after: Product;
  /** What is written beside the product. */
  readonly rows: readonly WriteOp[];
  readonly events: readonly OutboxRow[];
}

/** Each lost race means that another change of this product won it. */
const MAX_TRIES = 20;

export type ProductChangeStore = ReturnType<typeof createProductChanges>;

/** Changes of products: bound to the version that was read, once a request, known to the cache before the answer. */
export const createProductChanges = (options: { db: Db; products: ProductStore; relay: Pick<Relay, 'nudge'>; now: Clock }) => {
  const { db, products, relay, now } = options;

  const write = async (
    ctx: Context,
    mutation: Mutation,
    productId: string,
    { decide, committed }: { decide: Decide<Change>; committed: () => void },
  ): Promise<Product> => {
    let done: Change | undefined;
    const attempt = async (): Promise<Product> => {
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const change = decide(await products.load(ctx, productId));
        const { before, after, rows, events } = change;
        const standing = eq('version', before.version);
        const written = await db.transact(ctx, [
          after === before
            ? check(productTable, keys.product(productId), standing)
            : put(productTable, productRow(after), standing),
          ...rows,
          ...events.map((event) => insert(productTable, event)),
          requestRow(productTable, mutation, after),
        ]);
        if (written.ok) {
          done = change;
          return after;
        }
        // Anything but the product's own row is the request's: `once` tells whether it was this request or another.
        if (!written.failed.some(({ index }) => index === 0)) break;
      }
      throw lostRace();
    };
    const answer = await once(ctx, db, productTable, mutation, attempt);
    committed();
    if (done === undefined) await products.refresh(ctx, productId);
    else {
      await products.tell(ctx, done.after);
      relay.nudge(done.events);
    }
    return answer;
  };

  return {
    /** A change that changes nothing tells nobody and leaves the etag. */
    update: (
      ctx: Context,
      mutation: Mutation,
      productId: string,
      decide: Decide<{ before: Product; after: Product; changed: readonly ProductPath[] }>,
    ): Promise<Product> =>
      write(ctx, mutation, productId, {
        decide: (product) => {
          const { before, after, changed } = decide(product);
          const events = changed.length > 0 ? updatedEvents(ctx, before, after, changed) : [];
          return { before, after, rows: [], events };
        },
        committed: () => crashPoint('product.after-update'),
      }),

    /** Hides a product and closes its stock; reservations that stand are settled all the same. */
    remove: (ctx: Context, mutation: Mutation, productId: string, decide: Decide<Product>): Promise<Product> =>
      write(ctx, mutation, productId, {
        decide: (product) => {
          const before = decide(product);
          const after = deletedProduct(before, now());
          return { before, after, rows: [closeStock(productId, after.updatedAt)], events: [deletedEvent(ctx, after)] };
        },
        committed: () => crashPoint('product.after-delete'),
      }),

    /** `decide` answers the product as it is to be. */
    restore: (ctx: Context, mutation: Mutation, productId: string, decide: Decide<Product>): Promise<Product> =>
      write(ctx, mutation, productId, {
        decide: (product) => {
          const after = decide(product);
          return { before: product!, after, rows: [openStock(productId)], events: [restoredEvent(ctx, after)] };
        },
        committed: () => crashPoint('product.after-undelete'),
      }),
  };
};
