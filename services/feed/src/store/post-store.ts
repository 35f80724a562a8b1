import { crashPoint, idTime, type Clock, type Context, type Mutation } from '@plaza/core';
import {
  absent,
  all,
  any,
  exists,
  insert,
  lacks,
  lostRace,
  lt,
  once,
  remove,
  requestRow,
  update,
  type Db,
  type Item,
} from '@plaza/dynamo';
import { outboxRow, postCreated, postDeleted, type OutboxRow } from '@plaza/events';

import type { Stretch } from '../domain/page.ts';
import { newPost, type Draft, type Post, type Tombstone } from '../domain/post.ts';
import { erased, fromItem, toItem } from './post-item.ts';
import { keys, postsTable } from './table.ts';

/** How far an author's last id may be ahead of our clock before we rather refuse: other replicas' clocks differ, but not by more. */
const MAX_SKEW_MS = 60_000;
const MAX_TRIES = 8;

export type PostStore = ReturnType<typeof createPostStore>;

/**
 * Posts are read from the table, strongly consistent, at every read and never from a cache. A cached post would have to be
 * buried before DeletePost is acknowledged, and with Redis away it could not be: it would come back with Redis, deleted and
 * shown. A page of 20 costs one BatchGetItem instead.
 */
export const createPostStore = (deps: {
  db: Db;
  /** Publishes committed events now instead of at the next poll. */
  nudge: (rows: readonly OutboxRow[]) => void;
  newId: (now: number) => string;
  now: Clock;
}) => {
  const { db, nudge, newId, now } = deps;

  const tryPublish = async (ctx: Context, mutation: Mutation, draft: Draft, afterMs: number) => {
    const post = newPost(newId(Math.max(now(), afterMs + 1)), draft);
    const event = outboxRow(
      postCreated,
      {
        postId: post.postId,
        authorId: post.authorId,
        isPrivate: post.visibility === 'PRIVATE',
        createTime: new Date(post.createdAt),
      },
      { aggregateId: post.postId, version: post.version, at: post.createdAt, trace: ctx.trace },
    );
    const last = keys.authorLast(post.authorId);
    const result = await db.transact(ctx, [
      requestRow(postsTable, mutation, post.postId),
      // Ids of one author ascend also across replicas whose clocks differ: a later post never sorts below an earlier one.
      update(postsTable, last, { set: { lastId: post.postId } }, any(absent(), lt('lastId', post.postId))),
      insert(postsTable, toItem(post)),
      insert(postsTable, { ...keys.authorPost(post.authorId, post.postId), visibility: post.visibility }),
      insert(postsTable, event),
    ]);
    return { post, event, failed: result.ok ? [] : result.failed };
  };

  return {
    /**
     * Writes post, author timeline and event together, once per request. `admit` refuses the draft by throwing; a request that
     * was applied before is answered whatever `admit` says now. Returns the post's id: with the draft it makes the whole post.
     */
    publish: (ctx: Context, mutation: Mutation, draft: Draft, admit: () => Promise<void>): Promise<string> =>
      once(ctx, db, postsTable, mutation, async () => {
        await admit();
        for (let tries = 1, afterMs = 0; ; tries++) {
          const { post, event, failed } = await tryPublish(ctx, mutation, draft, afterMs);
          if (failed.length === 0) {
            crashPoint('feed.after-post');
            nudge([event]);
            return post.postId;
          }
          const last = failed.find(({ index }) => index === 1)?.item?.['lastId'];
          if (failed.some(({ index }) => index === 0) || typeof last !== 'string' || tries === MAX_TRIES) throw lostRace();
          afterMs = idTime(last);
          if (afterMs > now() + MAX_SKEW_MS) throw lostRace();
        }
      }),

    /** Erases the text and leaves a tombstone. Deleting what is deleted changes nothing. */
    delete: (ctx: Context, mutation: Mutation, load: () => Promise<Post | Tombstone>): Promise<string> =>
      once(ctx, db, postsTable, mutation, async () => {
        const post = await load();
        if ('deletedAt' in post) return post.postId;
        const { postId, authorId, version } = post;
        const at = now();
        const event = outboxRow(
          postDeleted,
          { postId, authorId },
          { aggregateId: postId, version: version + 1, at, trace: ctx.trace },
        );
        const changes = { set: { deletedAt: at }, add: { version: 1 }, remove: erased };
        const result = await db.transact(ctx, [
          requestRow(postsTable, mutation, postId),
          update(postsTable, keys.post(postId), changes, all(exists(), lacks('deletedAt'))),
          remove(postsTable, keys.authorPost(authorId, postId)),
          insert(postsTable, event),
        ]);
        if (result.ok) {
          crashPoint('feed.after-delete');
          nudge([event]);
        } else if (result.failed.some(({ index }) => index === 0)) throw lostRace();
        return postId;
      }),

    async get(ctx: Context, postId: string): Promise<Post | Tombstone | undefined> {
      const item = await db.get(ctx, postsTable, keys.post(postId));
      return item && fromItem(item);
    },

    /** Aligned with the ids. */
    async getMany(ctx: Context, postIds: readonly string[]): Promise<(Post | Tombstone | undefined)[]> {
      const items = await db.batchGet(
        ctx,
        postsTable,
        postIds.map((id) => keys.post(id)),
      );
      return items.map((item) => item && fromItem(item));
    },

    /** An author's posts below a position, newest first. */
    async timeline(ctx: Context, authorId: string, before: string | undefined, limit: number): Promise<Stretch> {
      const { items } = await db.query(ctx, postsTable, {
        pk: keys.authorPost(authorId, '').pk,
        sk: { beginsWith: 'P#' },
        descending: true,
        // One more than asked for tells whether there is one more.
        limit: limit + 1,
        after: before === undefined ? undefined : keys.authorPost(authorId, before),
      });
      return { ids: items.slice(0, limit).map(idOf), more: items.length > limit };
    },

    /** The newest posts of an author that followers may get, not older than `since`. Strongly consistent: see the backfill. */
    async newest(ctx: Context, authorId: string, since: string, limit: number): Promise<string[]> {
      const ids: string[] = [];
      let after: Item | undefined;
      do {
        const page = await db.query(ctx, postsTable, {
          pk: keys.authorPost(authorId, '').pk,
          sk: { gte: keys.authorPost(authorId, since).sk },
          descending: true,
          limit,
          after,
        });
        ids.push(...page.items.filter((item) => item['visibility'] !== 'PRIVATE').map(idOf));
        after = page.after;
      } while (after !== undefined && ids.length < limit);
      return ids.slice(0, limit);
    },

    /** Which of the authors ever posted. Strongly consistent: whoever is left out here posts later than this read. */
    async whoPosted(ctx: Context, authorIds: readonly string[]): Promise<string[]> {
      const distinct = [...new Set(authorIds)];
      const markers = await db.batchGet(
        ctx,
        postsTable,
        distinct.map((id) => keys.authorLast(id)),
      );
      return distinct.filter((_id, i) => markers[i] !== undefined);
    },
  };
};

const idOf = (item: Item): string => item.sk.slice('P#'.length);
