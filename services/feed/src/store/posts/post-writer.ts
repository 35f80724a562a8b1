import { crashPoint, idTime, type Clock, type Context, type Mutation } from '@plaza/core';
import { absent, all, any, exists, insert, lacks, lostRace, lt, once, remove, requestRow, update, type Db } from '@plaza/dynamo';
import { outboxRow, postCreated, postDeleted, type Relay } from '@plaza/events';

import { isDeleted, newPost, type Draft, type Post, type Tombstone } from '../../domain/posts/post.ts';
import { erased, toItem } from './post-item.ts';
import { keys, postsTable } from '../table.ts';

/** How far an author's last id may be ahead of our clock before we rather refuse: other replicas' clocks differ, but not by more. */
const MAX_SKEW_MS = 60_000;
const MAX_TRIES = 8;

export type PostWriter = ReturnType<typeof createPostWriter>;

/** Every change of a post is one transaction: rows, request and event, or nothing. */
export const createPostWriter = (deps: { db: Db; relay: Pick<Relay, 'nudge'>; newId: (now: number) => string; now: Clock }) => {
  const { db, relay, newId, now } = deps;

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

  /** This request changed nothing and was right to ask: from now on its id cannot mean another post. */
  const remember = async (ctx: Context, mutation: Mutation, postId: string): Promise<string> => {
    if (!mutation.repeatable) return postId;
    const written = await db.write(ctx, requestRow(postsTable, mutation, postId));
    if (!written.ok) throw lostRace();
    return postId;
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
            relay.nudge([event]);
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
        if (isDeleted(post)) return remember(ctx, mutation, post.postId);
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
        if (!result.ok) {
          if (result.failed.some(({ index }) => index === 0)) throw lostRace();
          return remember(ctx, mutation, postId);
        }
        crashPoint('feed.after-delete');
        relay.nudge([event]);
        return postId;
      }),
  };
};
