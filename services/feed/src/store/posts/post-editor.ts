import { crashPoint, type Context, type Mutation } from '@plaza/core';
import { check, eq, insert, lostRace, once, put, requestRow, type Db } from '@plaza/dynamo';
import { outboxRow, postUpdated, type OutboxRow, type Relay } from '@plaza/events';

import { postNotFound } from '../../domain/errors.ts';
import type { Edit } from '../../domain/posts/edit.ts';
import type { Post, Tombstone } from '../../domain/posts/post.ts';
import { keys, postsTable } from '../table.ts';
import { placeMoves } from './place-rows.ts';
import { toItem } from './post-item.ts';
import type { PostReader } from './post-reader.ts';
import type { PublicDays } from './public-days.ts';
import { revisionRow, type RevisionStore } from './revision-store.ts';

/** Each lost race means that another edit of this post won it, and of those there are few. */
const MAX_TRIES = 20;

/** What is kept of an answer: nothing that the author wrote. */
type Edition = { readonly postId: string; readonly version: number };

export type PostEditor = ReturnType<typeof createPostEditor>;

/** Edits: post, revision, places, request and event in one transaction, bound to the version that was read. */
export const createPostEditor = (deps: {
  db: Db;
  posts: Pick<PostReader, 'get'>;
  revisions: Pick<RevisionStore, 'at'>;
  relay: Pick<Relay, 'nudge'>;
  days: PublicDays;
}) => {
  const { db, posts, revisions, relay, days } = deps;

  const write = async (ctx: Context, mutation: Mutation, edit: Edit): Promise<'done' | 'changed' | 'repeated'> => {
    const { before, after } = edit;
    const request = requestRow(postsTable, mutation, editionOf(after));
    const standing = eq('version', before.version);
    // Changing nothing tells nobody; but from now on the request's id cannot mean another edit.
    const event = after === before ? undefined : eventOf(ctx, edit);
    if (event === undefined && !mutation.repeatable) return 'done';
    if (event !== undefined) await days.note(ctx, after);
    const result = await db.transact(
      ctx,
      event === undefined
        ? [check(postsTable, keys.post(before.postId), standing), request]
        : [
            put(postsTable, toItem(after), standing),
            request,
            revisionRow(before, after.updatedAt!),
            ...placeMoves(before, after),
            insert(postsTable, event),
          ],
    );
    if (!result.ok) return result.failed.some(({ index }) => index === 1) ? 'repeated' : 'changed';
    if (event === undefined) return 'done';
    crashPoint('feed.after-edit');
    relay.nudge([event]);
    return 'done';
  };

  return {
    /**
     * Makes of the stored post what `decide` says; it refuses by throwing, and is asked again when another edit was quicker.
     * @throws NOT_FOUND POST_NOT_FOUND also where a repeated request's post is deleted by now
     */
    async edit(
      ctx: Context,
      mutation: Mutation,
      postId: string,
      decide: (post: Post | Tombstone | undefined) => Promise<Edit>,
    ): Promise<Post> {
      let done: Post | undefined;
      const edition = await once<Edition>(ctx, db, postsTable, mutation, async () => {
        for (let tries = 0; tries < MAX_TRIES; tries++) {
          const edit = await decide(await posts.get(ctx, postId));
          const outcome = await write(ctx, mutation, edit);
          if (outcome === 'repeated') break;
          if (outcome === 'changed') continue;
          done = edit.after;
          return editionOf(done);
        }
        throw lostRace();
      });
      const post = done ?? (await revisions.at(ctx, edition.postId, edition.version));
      if (post === undefined) throw postNotFound();
      return post;
    },
  };
};

const editionOf = ({ postId, version }: Post): Edition => ({ postId, version });

const eventOf = (ctx: Context, { before, after, changed }: Edit): OutboxRow =>
  outboxRow(
    postUpdated,
    {
      postId: after.postId,
      authorId: after.authorId,
      isPrivate: after.visibility === 'PRIVATE',
      wasPrivate: before.visibility === 'PRIVATE',
      updateTime: new Date(after.updatedAt!),
      mask: [...changed],
      replyToPostId: after.replyToPostId ?? '',
    },
    { aggregateId: after.postId, version: after.version, at: after.updatedAt!, trace: ctx.trace },
  );
