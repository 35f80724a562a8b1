import { callerKey, fillPage, pageSizeOf, type Context, type PageTokens } from '@plaza/core';
import type { Post as PostMessage } from '@plaza/proto/plaza/feed/v1/post';

import { postNotFound } from './domain/errors.ts';
import type { Look } from './domain/posts/look.ts';
import type { Post, Tombstone } from './domain/posts/post.ts';
import { authorsToCheck, maySee, type Verdict } from './domain/visible.ts';
import { toMessage, viewerOf } from './mapping.ts';
import type { Peers } from './peers.ts';
import type { ListRow, ReadList } from './store/posts/list-reader.ts';
import type { PostReader } from './store/posts/post-reader.ts';

/** Whether a viewer may be shown a post, by what the graph says of its author. One of those in domain/visible.ts. */
export type Rule = (post: Post | Tombstone | undefined, viewerId: string, verdict: Verdict | undefined) => post is Post;

export interface PageRequest {
  readonly pageSize: number;
  readonly pageToken: string;
  /** What the page is cut from, so that a token is good for nothing else. */
  readonly filter: string;
}

export interface PageOf {
  readonly list: ReadList;
  readonly rule: Rule;
  readonly postIdOf?: (row: ListRow) => string;
  readonly ofPost?: string;
  readonly ofAuthor?: string;
}

export type Reading = ReturnType<typeof createReading>;

/** The one way from ids to posts that are shown, which every read takes: read, judged and presented, each by one call. */
export const createReading = (deps: { posts: Pick<PostReader, 'look'>; peers: Peers; pageTokens: PageTokens }) => {
  const { posts, peers, pageTokens } = deps;

  /**
   * Posts and what the graph says of their authors, and of `authorIds`: by one read and one question. What somebody has done with a
   * post is read for the caller alone, also where an admin looks with the eyes of a viewer.
   */
  const read = async (ctx: Context, postIds: readonly string[], viewerId: string, authorIds: readonly string[] = []) => {
    const callerId = viewerOf(ctx.caller);
    const found = await posts.look(ctx, postIds, callerId);
    const ofPosts = authorsToCheck(
      found.map((look) => look?.post),
      callerId,
    );
    const verdicts = await peers.verdicts(ctx, viewerId, [...ofPosts, ...authorIds.filter((id) => id !== callerId)]);
    return { found, verdicts };
  };

  /**
   * Those of the posts that the viewer may be shown, aligned with the ids.
   * @throws UNAVAILABLE VISIBILITY_UNKNOWN
   */
  const judge = async (
    ctx: Context,
    postIds: readonly string[],
    rule: Rule,
    viewerId = viewerOf(ctx.caller),
  ): Promise<(Look | undefined)[]> => {
    const { found, verdicts } = await read(ctx, postIds, viewerId);
    return found.map((look) => judged(look, rule, viewerId, verdicts));
  };

  /** Authors and products as they are now, each by one call. A decoration is never worth a refusal: what cannot be had is left out. */
  const present = async (ctx: Context, looks: readonly Look[]): Promise<PostMessage[]> => {
    const decoration = await peers.decorate(ctx, {
      users: looks.map(({ post }) => post.authorId),
      products: looks.flatMap(({ post }) => post.productIds),
    });
    return looks.map((look) => toMessage(look.post, look, decoration));
  };

  return {
    judge,
    present,

    /** @throws NOT_FOUND POST_NOT_FOUND; UNAVAILABLE VISIBILITY_UNKNOWN */
    async one(ctx: Context, postId: string): Promise<Look> {
      const [look] = await judge(ctx, [postId], maySee);
      if (look === undefined) throw postNotFound();
      return look;
    },

    /**
     * The rule by which the caller may see what a post was, for whoever may see what it is.
     * @throws NOT_FOUND POST_NOT_FOUND; UNAVAILABLE VISIBILITY_UNKNOWN
     */
    async pastOf(ctx: Context, postId: string): Promise<(past: Post) => boolean> {
      const viewerId = viewerOf(ctx.caller);
      const { found, verdicts } = await read(ctx, [postId], viewerId);
      const post = found[0]?.post;
      const mayRead = (one: Post | Tombstone | undefined) => maySee(one, viewerId, one && verdicts.get(one.authorId));
      if (!mayRead(post)) throw postNotFound();
      return mayRead;
    },

    /**
     * One page of a list of posts; `postIdOf` tells which post a row is about, where that is not the row's own id. The list of a
     * post is there for those who may see that post, the list of an author for whom the author is not hidden from: not even the
     * number of its rows shows to others, by pages that are empty but go on.
     * @throws NOT_FOUND POST_NOT_FOUND, of `ofPost`; UNAVAILABLE VISIBILITY_UNKNOWN
     */
    async page(
      ctx: Context,
      request: PageRequest,
      { list, rule, postIdOf = ({ id }) => id, ofPost, ofAuthor }: PageOf,
    ): Promise<{ posts: PostMessage[]; nextPageToken: string }> {
      const scope = { method: ctx.method, caller: callerKey(ctx.caller), filter: request.filter };
      const size = pageSizeOf(request.pageSize);
      const viewerId = viewerOf(ctx.caller);
      const gates = ofPost === undefined ? [] : [ofPost];
      const { items, next } = await fillPage<Look>(size, pageTokens.decode<string>(scope, request.pageToken), async (before) => {
        const { rows, end } = await list(ctx, before, size);
        const ids = [...gates, ...rows.map(postIdOf)];
        const { found, verdicts } = await read(ctx, ids, viewerId, ofAuthor === undefined ? [] : [ofAuthor]);
        if (gates.some((_, i) => judged(found[i], maySee, viewerId, verdicts) === undefined)) throw postNotFound();
        if (ofAuthor !== undefined && verdicts.get(ofAuthor)?.hidden === true) return { entries: [], end: true };
        const looks = found.slice(gates.length).map((look) => judged(look, rule, viewerId, verdicts));
        return { entries: rows.map(({ id }, i) => ({ place: id, item: looks[i] })), end };
      });
      return {
        posts: await present(ctx, items),
        nextPageToken: next === undefined ? '' : pageTokens.encode(scope, next),
      };
    },
  };
};

const judged = (
  look: Look<Post | Tombstone> | undefined,
  rule: Rule,
  viewerId: string,
  verdicts: ReadonlyMap<string, Verdict>,
): Look | undefined => {
  if (look === undefined) return undefined;
  const { post, counts, mine } = look;
  return rule(post, viewerId, verdicts.get(post.authorId)) ? { post, counts, mine } : undefined;
};
