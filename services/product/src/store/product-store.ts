import { insist, type EntityCache } from '@plaza/cache';
import { crashPoint, isAppError, type AppError, type Context, type Mutation } from '@plaza/core';
import { lostRace, once, type Db } from '@plaza/dynamo';
import type { Relay } from '@plaza/events';

import type { Listing, Product } from '../domain/product.ts';
import { createdEvent, creation } from './product-rows.ts';
import { contentOf, keys, products } from './table.ts';

/** A product to create. `draft` runs inside the guard of the request id: a repetition is answered even if it would now be refused. */
export interface Wish {
  readonly mutation: Mutation;
  readonly draft: () => Listing | Promise<Listing>;
}

export type ProductStore = ReturnType<typeof createProductStore>;

/** Products by id, behind the cache; deleted and erased ones too: what may be shown is decided above. */
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
    const events = created.map(({ listing }) => createdEvent(ctx, listing));
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

  /** Past the cache, strongly consistent. */
  const load = async (ctx: Context, productId: string): Promise<Product | undefined> => {
    const item = await db.get(ctx, products, keys.product(productId));
    return item && contentOf<Product>(item);
  };

  /** After a commit and before its answer: whoever reads later sees this version. */
  const tell = (ctx: Context, product: Product): Promise<void> => insist(ctx, () => cache.put(ctx, product.productId, product));

  return {
    create,
    load,
    tell,

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

    /** As `tell`, where it is not known what was committed, by a process that may have died before it told anybody. */
    async refresh(ctx: Context, productId: string): Promise<Product | undefined> {
      const product = await load(ctx, productId);
      if (product) await tell(ctx, product);
      return product;
    },
  };
};

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
