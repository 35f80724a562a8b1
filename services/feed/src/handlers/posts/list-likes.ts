import { callerKey, fillPage, pageSizeOf } from '@plaza/core';

import { maySeePerson } from '../../domain/visible.ts';
import { toAuthor, viewerOf } from '../../mapping.ts';
import type { Deps, PostHandlers } from '../index.ts';

export const listLikes =
  ({ lists, reading, peers, pageTokens }: Deps): PostHandlers['listLikes'] =>
  async (ctx, { postId, pageSize, pageToken }) => {
    const scope = { method: ctx.method, caller: callerKey(ctx.caller), filter: postId };
    const before = pageTokens.decode<string>(scope, pageToken);
    await reading.one(ctx, postId);
    const viewerId = viewerOf(ctx.caller);
    const size = pageSizeOf(pageSize);
    const { items, next } = await fillPage(size, before, async (after) => {
      const { likers, end } = await lists.likers(ctx, postId, after, size);
      const others = likers.map(({ userId }) => userId).filter((userId) => userId !== viewerId);
      const verdicts = await peers.verdicts(ctx, viewerId, others);
      const entries = likers.map((liker) => ({
        place: liker.likeId,
        item: maySeePerson(liker.userId, viewerId, verdicts.get(liker.userId)) ? liker : undefined,
      }));
      return { entries, end };
    });
    const { users } = await peers.decorate(ctx, { users: items.map(({ userId }) => userId), products: [] });
    return {
      likes: items.map(({ userId, likedAt }) => ({ user: toAuthor(userId, users.get(userId)), likeTime: new Date(likedAt) })),
      nextPageToken: next === undefined ? '' : pageTokens.encode(scope, next),
    };
  };
