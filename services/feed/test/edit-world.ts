import { depsInMemory } from './in-memory.ts';
import { type Clock } from '@plaza/core';
import { createMemoryDb, createOutboxStore, update, type Db, type Faults, type Item } from '@plaza/dynamo';
import { SHARDS, type OutboxRow } from '@plaza/events';
import { User } from '@plaza/proto/plaza/user/v1/user_service';
import { Product } from '@plaza/proto/plaza/product/v1/product_service';
import { Visibility } from '@plaza/proto/plaza/graph/v1/social_graph_service';
import { testContext } from '@plaza/testing';

import { isDeleted, type Post, type Tombstone } from '../src/domain/posts/post.ts';
import { dayOf, placesOf, type Place } from '../src/domain/posts/places.ts';
import { postHandlers, type PostHandlers } from '../src/handlers/index.ts';
import { createPeers } from '../src/peers.ts';
import { createPostReader } from '../src/store/posts/post-reader.ts';
import { keys, placeKey, postsTable, shardsOf } from '../src/store/table.ts';

/** Everybody is there, and sees everybody. */
const peers = createPeers({
  users: {
    batchGetUsers: async (_ctx, { userIds = [] }) => ({
      users: userIds.map((userId) => User.fromPartial({ userId })),
      missingIds: [],
    }),
  },
  products: {
    batchGetProducts: async (_ctx, { productIds = [] }) => ({
      products: productIds.map((productId) => Product.fromPartial({ productId })),
      missingIds: [],
    }),
  },
  graph: {
    checkVisibility: async (_ctx, { authorIds = [] }) => ({
      authors: authorIds.map((authorId) => ({
        authorId,
        visibility: Visibility.VISIBLE,
        following: false,
        repostsMuted: false,
      })),
      epoch: '',
    }),
  },
});

/** Reads and writes of the test itself: nothing goes wrong with them, and they take no turn. */
const AUDIT = 'audit';

/** Several service processes over one table in memory; each has a clock of its own. */
export const startReplicas = (faults: Faults, clocks: readonly Clock[]) => {
  let live = false;
  const db = createMemoryDb({ faults: (call) => (live && call.method !== AUDIT ? faults(call) : undefined) });
  const reader = createPostReader({ db });
  const replica = (now: Clock): PostHandlers => postHandlers(depsInMemory({ db, peers, now }));
  return {
    db,
    replicas: clocks.map(replica),
    /** While it is live, chance decides; otherwise everything happens in order. */
    live: (is: boolean) => {
      live = is;
    },
    get: (postId: string) => reader.get(testContext({ method: AUDIT }), postId),
    /** As who counts likes does, beside all that happens to the post. */
    like: (postId: string) =>
      db.write(testContext({ method: AUDIT }), update(postsTable, keys.counts(postId), { add: { likes: 1 } })),
  };
};

/** What the table holds of one post, besides the post itself. */
export const rowsAbout = async (db: Db, postId: string): Promise<{ revisions: Item[]; others: Item[] }> => {
  const { items } = await db.query(testContext(), postsTable, { pk: keys.post(postId).pk });
  const isRevision = ({ sk }: Item) => sk.startsWith('V#');
  return { revisions: items.filter(isRevision), others: items.filter((item) => !isRevision(item) && item.sk !== 'META') };
};

/** Every list of these names in which a row of the post stands. */
export const standsIn = async (
  db: Db,
  post: Post | Tombstone,
  among: { hashtags: readonly string[]; products: readonly string[]; posts: readonly string[]; days: readonly string[] },
): Promise<string[]> => {
  const spread = (list: 'HASHTAG' | 'PRODUCT' | 'REPLIES' | 'PUBLIC', of: readonly string[]): [Place, string[]][] =>
    of.map((name) => [{ list, of: name }, shardsOf(list, name)]);
  const lists: [Place, string[]][] = [
    [{ list: 'AUTHOR', of: post.authorId }, [keys.authorPost(post.authorId, '').pk]],
    ...spread('HASHTAG', among.hashtags),
    ...spread('PRODUCT', among.products),
    ...spread('REPLIES', among.posts),
    ...spread('PUBLIC', among.days),
  ];
  const found: string[] = [];
  for (const [place, partitions] of lists) {
    for (const pk of partitions) {
      const { sk } = placeKey(place, post.postId);
      const row = await db.get(testContext(), postsTable, { pk, sk });
      if (row) found.push(nameOf(place, row['visibility']));
    }
  }
  return found.sort();
};

export const shouldStandIn = (post: Post | Tombstone): string[] =>
  isDeleted(post)
    ? []
    : placesOf(post)
        .map((place) => nameOf(place, post.visibility))
        .sort();

/** The author's list says too for whom a post is: the backfill of a new follower goes by it. */
const nameOf = ({ list, of }: Place, visibility: unknown): string =>
  list === 'AUTHOR' ? `${list} ${of} ${String(visibility)}` : `${list} ${of}`;

export const today = (): string => dayOf(Date.now());

/** Everything that was told, by post. */
export const toldBy = async (db: Db): Promise<Map<string, OutboxRow[]>> => {
  const outbox = createOutboxStore(db, postsTable);
  const shards = Array.from({ length: SHARDS }, (_, shard) => outbox.pending(testContext(), shard, 10_000));
  return Map.groupBy((await Promise.all(shards)).flat(), ({ aggregateId }) => aggregateId);
};
