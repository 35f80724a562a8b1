import type { EntityCache } from '@plaza/cache';
import { crashPoint, isAppError, type AppError, type Context, moneyOf, type Mutation } from '@plaza/core';
import { insert, lostRace, once, requestRow, type Db, type WriteOp } from '@plaza/dynamo';
import { outboxRow, productCreated, type OutboxRow, type Relay } from '@plaza/events';

import type { PriceRange } from '../domain/price.ts';
import type { Listing, Product } from '../domain/product.ts';
import { newStock } from '../domain/stock.ts';
import { categoryKey, contentOf, indexRow, keys, priceFloor, priceKey, products } from './table.ts';

/** A product to create. `draft` runs inside the guard of the request id: a repetition is answered even if it would now be refused. */
export interface Wish {
  readonly mutation: Mutation;
  readonly draft: () => Listing | Promise<Listing>;
}

export type ProductStore = ReturnType<typeof createProductStore>;

export const createProductStore = ({
  db,
  cache,
  relay,
}: {
  db: Db;
  cache: EntityCache<Product>;
  relay: Pick<Relay, 'nudge'>;
}) => {
  const write = async (ctx: Context, created: readonly { mutation: Mutation; listing: Listing }[]): Promise<void> => {
    const events = created.map(({ listing }) => createdEvent(ctx, listing.product));
    const ops = created.flatMap(({ mutation, listing }, i) => creation(mutation, listing, events[i]!));
    const { ok } = await db.transact(ctx, ops);
    if (!ok) throw lostRace();
    crashPoint('product.after-create');
    relay.nudge(events);
  };

  const create = (ctx: Context, { mutation, draft }: Wish): Promise<Listing> =>
    once(ctx, db, products, mutation, async () => {
      const listing = await draft();
      await write(ctx, [{ mutation, listing }]);
      return listing;
    });

  /** Puts all that can be drafted into one transaction. Answers what is now certainly written. */
  const createTogether = async (ctx: Context, wishes: readonly Wish[]): Promise<Map<Wish, Listing>> => {
    const created = new Map<Wish, Listing>();
    // Two wishes with one request id would write one row twice, which a transaction may not.
    const distinct = wishes.filter(({ mutation }, i) => wishes.findIndex((other) => other.mutation.id === mutation.id) === i);
    try {
      for (const wish of distinct) {
        const listing = await settle(wish.draft);
        if (!isAppError(listing)) created.set(wish, listing);
      }
      if (created.size > 0)
        await write(
          ctx,
          [...created].map(([{ mutation }, listing]) => ({ mutation, listing })),
        );
      return created;
    } catch (error) {
      if (!isAppError(error)) throw error;
      return new Map();
    }
  };

  return {
    create,

    /** At most 25. Each is created or refused by itself, in the order of the wishes. */
    async createMany(ctx: Context, wishes: readonly Wish[]): Promise<(Listing | AppError)[]> {
      // All in one transaction first: five times as fast. If any of them stands in the way, each is tried by itself.
      const created = await createTogether(ctx, wishes);
      return Promise.all(wishes.map(async (wish) => created.get(wish) ?? settle(() => create(ctx, wish))));
    },

    /** Found products by id. */
    getMany(ctx: Context, productIds: readonly string[]): Promise<Map<string, Product>> {
      return cache.getMany(ctx, [...productIds], async (missing) => {
        const items = await db.batchGet(ctx, products, missing.map(keys.product));
        return new Map(
          items.flatMap((item) => (item ? [contentOf<Product>(item)] : [])).map((found) => [found.productId, found]),
        );
      });
    },

    /** A category, cheapest first. `after` and `next` are places in the index. */
    async list(
      ctx: Context,
      { category, currency, range }: { category: string; currency: string; range: PriceRange },
      { size, after }: { size: number; after: string | undefined },
    ): Promise<{ products: Product[]; next: string | undefined }> {
      const pk = categoryKey(category, currency);
      const page = await db.query(ctx, products, {
        index: 'byPrice',
        pk,
        sk: sortRange(range),
        // One more than asked for tells whether there is a next page.
        limit: size + 1,
        after: after === undefined ? undefined : indexRow(pk, after),
      });
      const found = page.items.slice(0, size).map((item) => contentOf<Product>(item));
      const last = found.at(-1);
      return { products: found, next: page.items.length > size && last ? priceKey(last.price.minor, last.productId) : undefined };
    },
  };
};

/** Both ends of `between` are inclusive, but no key equals the bare floor of a price, so that max itself is left out. */
const sortRange = ({ min, max }: PriceRange) => {
  if (max !== undefined) return { between: [priceFloor(min ?? 0), priceFloor(max)] as const };
  return min === undefined ? undefined : { gte: priceFloor(min) };
};

/** Four rows, so that 25 products fill one transaction of 100. */
const creation = (mutation: Mutation, listing: Listing, event: OutboxRow): WriteOp[] => {
  const { product, available } = listing;
  return [
    insert(products, {
      ...keys.product(product.productId),
      ...product,
      categoryKey: categoryKey(product.category, product.price.currency),
      priceKey: priceKey(product.price.minor, product.productId),
    }),
    insert(products, { ...keys.stock(product.productId), ...newStock(product.productId, available) }),
    insert(products, event),
    requestRow(products, mutation, listing),
  ];
};

const createdEvent = (ctx: Context, { productId, sellerId, category, price, version, createdAt }: Product): OutboxRow =>
  outboxRow(
    productCreated,
    { productId, sellerId, category, price: moneyOf(price), createTime: new Date(createdAt) },
    { aggregateId: productId, version, at: createdAt, trace: ctx.trace },
  );

const REFUSALS: readonly string[] = ['NOT_FOUND', 'INVALID_ARGUMENT'];

/** A refusal is the item's own result. Trouble is the whole call's: it may be repeated, what was done is recognised. */
const settle = async <T>(attempt: () => T | Promise<T>): Promise<T | AppError> => {
  try {
    return await attempt();
  } catch (error) {
    if (isAppError(error) && REFUSALS.includes(error.code)) return error;
    throw error;
  }
};
