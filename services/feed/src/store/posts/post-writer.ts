import { crashPoint, idTime, type Clock, type Context, type Mutation } from '@plaza/core';
import { absent, any, insert, lostRace, lt, once, requestRow, update, type Db } from '@plaza/dynamo';
import { outboxRow, postCreated, type Relay } from '@plaza/events';

import { isDeleted, newPost, type Draft, type Post, type Thread, type Tombstone } from '../../domain/posts/post.ts';
import { burialOf } from './burial.ts';
import { placeMoves } from './place-rows.ts';
import { toItem } from './post-item.ts';
import type { PublicDays } from './public-days.ts';
import { keys, postsTable } from '../table.ts';

/** How far an author's last id may be ahead of our clock before we rather refuse: other replicas' clocks differ, but not by more. */
const MAX_SKEW_MS = 60_000;
const MAX_TRIES = 8;

/** What is kept of a publication, beside what the request said itself: nothing that the author wrote. */
export type Publication = { readonly postId: string; readonly thread: Thread };

interface Admitted {
  readonly draft: Draft;
  readonly thread: Thread | undefined;
}

export type PostWriter = ReturnType<typeof createPostWriter>;

/** Every change of a post is one transaction: rows, request and event, or nothing. */
export const createPostWriter = (deps: {
  db: Db;
  relay: Pick<Relay, 'nudge'>;
  days: PublicDays;
  newId: (now: number) => string;
  now: Clock;
}) => {
  const { db, relay, days, newId, now } = deps;

  const tryPublish = async (ctx: Context, mutation: Mutation, { draft, thread }: Admitted, afterMs: number) => {
    const post = newPost(newId(Math.max(now(), afterMs + 1)), draft, thread);
    await days.note(ctx, post);
    const event = outboxRow(
      postCreated,
      {
        postId: post.postId,
        authorId: post.authorId,
        isPrivate: post.visibility === 'PRIVATE',
        createTime: new Date(post.createdAt),
        replyToPostId: post.replyToPostId ?? '',
      },
      { aggregateId: post.postId, version: post.version, at: post.createdAt, trace: ctx.trace },
    );
    const last = keys.authorLast(post.authorId);
    const result = await db.transact(ctx, [
      requestRow(postsTable, mutation, publicationOf(post)),
      // Ids of one author ascend also across replicas whose clocks differ: a later post never sorts below an earlier one.
      update(postsTable, last, { set: { lastId: post.postId } }, any(absent(), lt('lastId', post.postId))),
      insert(postsTable, toItem(post)),
      ...placeMoves(undefined, post),
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
     * was applied before is answered whatever `admit` says now. With the draft, the answer makes the whole post.
     */
    publish: (ctx: Context, mutation: Mutation, draft: Draft, admit: () => Promise<Thread | undefined>): Promise<Publication> =>
      once(ctx, db, postsTable, mutation, async () => {
        const admitted = { draft, thread: await admit() };
        for (let tries = 1, afterMs = 0; ; tries++) {
          const { post, event, failed } = await tryPublish(ctx, mutation, admitted, afterMs);
          if (failed.length === 0) {
            crashPoint('feed.after-post');
            relay.nudge([event]);
            return publicationOf(post);
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
        for (let tries = 0; tries < MAX_TRIES; tries++) {
          const post = await load();
          if (isDeleted(post)) return remember(ctx, mutation, post.postId);
          const { rows, event } = burialOf(post, now(), ctx.trace);
          const result = await db.transact(ctx, [requestRow(postsTable, mutation, post.postId), ...rows]);
          if (result.ok) {
            crashPoint('feed.after-delete');
            relay.nudge([event]);
            return post.postId;
          }
          if (result.failed.some(({ index }) => index === 0)) break;
        }
        throw lostRace();
      }),
  };
};

const publicationOf = ({ postId, replyToPostId, rootPostId, depth }: Post): Publication => ({
  postId,
  thread: { ...(replyToPostId !== undefined && { replyToPostId }), rootPostId, depth },
});
