import { createRounds, type Rounds } from '@plaza/cache';
import type { GraphClients, ProductClients, UserClients } from '@plaza/clients';
import { assertAlive, isAppError, type Context } from '@plaza/core';
import type { Product } from '@plaza/proto/plaza/product/v1/product_service';
import type { User } from '@plaza/proto/plaza/user/v1/user_service';

import { visibilityUnknown } from './domain/errors.ts';
import type { Verdict } from './domain/visible.ts';
import { toVerdict, type Decoration } from './mapping.ts';

/** Ids that one batch call takes, see the protos. */
const USERS = 100;
const PRODUCTS = 200;
const VERDICTS = 200;
/** Calls for decoration under way before those who ask wait for each other, and how long one may take. */
const DECORATIONS = 4;
const DECORATION_MS = 2_000;

export type Peers = ReturnType<typeof createPeers>;

/** The other services, as readers and writers of posts need them. */
export const createPeers = (clients: {
  users: Pick<UserClients['users'], 'batchGetUsers'>;
  products: Pick<ProductClients['products'], 'batchGetProducts'>;
  graph: Pick<GraphClients['graph'], 'checkVisibility'>;
}) => {
  const getUsers = (ctx: Context, ids: readonly string[]): Promise<Map<string, User>> =>
    inBatches(ids, USERS, async (userIds) => {
      const { users } = await clients.users.batchGetUsers(ctx, { userIds });
      return users.map((user) => [user.userId, user]);
    });

  const getProducts = (ctx: Context, ids: readonly string[]): Promise<Map<string, Product>> =>
    inBatches(ids, PRODUCTS, async (productIds) => {
      const { products } = await clients.products.batchGetProducts(ctx, { productIds });
      return products.map((product) => [product.productId, product]);
    });

  // Many pages show the same people and products: who asks at one moment asks together.
  const shared = { atOnce: DECORATIONS, timeoutMs: DECORATION_MS };
  const usersOfAll = createRounds({ ...shared, most: USERS, read: getUsers });
  const productsOfAll = createRounds({ ...shared, most: PRODUCTS, read: getProducts });

  return {
    getUsers,
    getProducts,

    /** `getUsers` and `getProducts` for decoration, the same for every viewer: whatever cannot be had now is left out. */
    async decorate(ctx: Context, ids: { users: readonly string[]; products: readonly string[] }): Promise<Decoration> {
      const leaveOut = (peer: string) => (error: unknown) => {
        ctx.log.warn('feed.decoration_missed', { peer, reason: reasonOf(error) });
        return undefined;
      };
      const of = <T>(all: Rounds<string, T>, wanted: readonly string[]) =>
        wanted.length === 0 ? Promise.resolve(new Map<string, T>()) : all(ctx, [...new Set(wanted)]);
      const [users = new Map<string, never>(), products] = await Promise.all([
        of(usersOfAll, ids.users).catch(leaveOut('user')),
        of(productsOfAll, ids.products).catch(leaveOut('product')),
      ]);
      return { users, products };
    },

    /**
     * `getProducts` for what is judged by its products.
     * @throws AppError UNAVAILABLE VISIBILITY_UNKNOWN when they cannot be had
     */
    judgedProducts: (ctx: Context, ids: readonly string[]): Promise<Map<string, Product>> =>
      judging(ctx, 'product', () => getProducts(ctx, ids)),

    /**
     * What the graph says now: an Unfollow, a Block, a Mute, a deletion or going private that was acknowledged is honoured by the next
     * read.
     * @throws AppError UNAVAILABLE VISIBILITY_UNKNOWN when it does not say
     */
    verdicts: (ctx: Context, viewerId: string, authorIds: readonly string[]): Promise<Map<string, Verdict>> =>
      judging(ctx, 'graph', () =>
        inBatches(authorIds, VERDICTS, async (batch) => {
          const { authors } = await clients.graph.checkVisibility(ctx, { viewerId, authorIds: batch });
          return authors.map((author) => [author.authorId, toVerdict(author)]);
        }),
      ),
  };
};

const judging = async <T>(ctx: Context, peer: string, ask: () => Promise<T>): Promise<T> => {
  try {
    return await ask();
  } catch (error) {
    // Our own deadline or a caller who left is not the peer's fault.
    assertAlive(ctx);
    ctx.log.warn('feed.visibility_unknown', { peer, reason: reasonOf(error) });
    throw visibilityUnknown(error);
  }
};

/** A client's failure is an AppError; its stack would tell nothing, at every request of an outage. */
const reasonOf = (error: unknown): string => (isAppError(error) ? error.reason : String(error));

const inBatches = async <T>(
  ids: readonly string[],
  size: number,
  call: (batch: string[]) => Promise<[string, T][]>,
): Promise<Map<string, T>> => {
  const distinct = [...new Set(ids)];
  const batches: string[][] = [];
  for (let i = 0; i < distinct.length; i += size) batches.push(distinct.slice(i, i + size));
  return new Map((await Promise.all(batches.map(call))).flat());
};
