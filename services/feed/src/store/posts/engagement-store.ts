import { crashPoint, type Clock, type Context, type Mutation } from '@plaza/core';
import { absent, check, lostRace, once, requestRow, type Condition, type Db, type Value } from '@plaza/dynamo';
import type { Relay } from '@plaza/events';

import { postNotFound } from '../../domain/errors.ts';
import type { Engagement, EngagementKind } from '../../domain/posts/engagement.ts';
import type { Post } from '../../domain/posts/post.ts';
import { keys, postsTable } from '../table.ts';
import { beginning, ending, engagementIn, markIn, says } from './engagement-rows.ts';

/** Each lost race means that the same person did something with the same post in between. */
const MAX_TRIES = 20;

/** Who does what with which post. */
export interface Wish extends Pick<Engagement, 'userId' | 'postId'> {
  readonly kind: EngagementKind;
}

export type EngagementStore = ReturnType<typeof createEngagementStore>;

/**
 * Likes, reposts and bookmarks: what a person has done with a post, and the list in which that stands, change together. All rows of a
 * transaction are its person's alone, so that however many like one post at once, nobody is in anybody's way; they are counted
 * behind that, see count-store.ts.
 */
export const createEngagementStore = (deps: {
  db: Db;
  relay: Pick<Relay, 'nudge'>;
  newId: (now: number) => string;
  now: Clock;
}) => {
  const { db, relay, newId, now } = deps;

  /** Remembers that this request changed nothing, so that repeating it after a later change changes nothing either. */
  const stands = async (ctx: Context, mutation: Mutation, wish: Wish, as: Condition, reply: Value): Promise<boolean> => {
    const asWanted = check(postsTable, keys.mine(wish.userId, wish.postId), as);
    const rows = mutation.repeatable ? [asWanted, requestRow(postsTable, mutation, reply)] : [asWanted];
    const result = await db.transact(ctx, rows);
    if (!result.ok && result.failed.some(({ index }) => index === 1)) throw lostRace();
    return result.ok;
  };

  return {
    /**
     * Answers when it was done, now or before. `admit` refuses by throwing; it is asked within the guard of the request id. That the
     * post may be seen is read before and not a condition of the transaction: everybody who likes a popular post at one moment would
     * stand in everybody's way. A post that is deleted or hidden in between was liked just before that. That the person is not
     * erased is a condition, on a row of the person's own: an erasure has to be exact.
     */
    begin: (ctx: Context, mutation: Mutation, wish: Wish, admit: () => Promise<Post>): Promise<{ at: number }> =>
      once(ctx, db, postsTable, mutation, async () => {
        const { kind, userId, postId } = wish;
        for (let tries = 0; tries < MAX_TRIES; tries++) {
          const { authorId } = await admit();
          const mark = { id: newId(now()), at: now() };
          const { rows, event } = beginning(ctx, kind, { userId, postId, authorId }, mark);
          const reply = { at: mark.at };
          const result = await db.transact(ctx, [
            ...rows,
            check(postsTable, keys.engagementsErased(userId), absent()),
            requestRow(postsTable, mutation, reply),
          ]);
          if (result.ok) {
            crashPoint('feed.after-engage');
            if (event) relay.nudge([event]);
            return reply;
          }
          if (result.failed.some(({ index }) => index === rows.length + 1)) throw lostRace();
          // As the graph would say by now, if it had been asked later.
          if (result.failed.some(({ index }) => index === rows.length)) throw postNotFound();
          const standing = markIn(kind, result.failed.find(({ index }) => index === 0)?.item);
          if (standing && (await stands(ctx, mutation, wish, says(kind, standing), { at: standing.at })))
            return { at: standing.at };
        }
        throw lostRace();
      }),

    /** Whether the post can be seen, or is still there, does not matter to who wants nothing to do with it any more. */
    async end(ctx: Context, mutation: Mutation, wish: Wish): Promise<void> {
      await once(ctx, db, postsTable, mutation, async () => {
        const { kind, userId, postId } = wish;
        for (let tries = 0; tries < MAX_TRIES; tries++) {
          const item = await db.get(ctx, postsTable, keys.mine(userId, postId));
          if (!item || !markIn(kind, item)) {
            if (await stands(ctx, mutation, wish, says(kind, undefined), null)) return null;
            continue;
          }
          const { rows, event } = ending(ctx, kind, engagementIn(userId, item), now());
          const result = await db.transact(ctx, [...rows, requestRow(postsTable, mutation, null)]);
          if (result.ok) {
            crashPoint('feed.after-disengage');
            if (event) relay.nudge([event]);
            return null;
          }
          if (result.failed.some(({ index }) => index === rows.length)) throw lostRace();
        }
        throw lostRace();
      });
    },
  };
};
