import { mutationOf } from '@plaza/core';

import { postNotFound } from '../../domain/errors.ts';
import { viewerOf } from '../../mapping.ts';
import type { Deps, PostHandlers } from '../index.ts';

export const deletePost =
  ({ posts }: Deps): PostHandlers['deletePost'] =>
  async (ctx, request) => {
    const own = async () => {
      const post = await posts.get(ctx, request.postId);
      if (post === undefined) throw postNotFound();
      if (ctx.caller.kind !== 'admin' && post.authorId !== viewerOf(ctx.caller)) throw postNotFound();
      return post;
    };
    await posts.delete(ctx, mutationOf(ctx, request.requestId, request), own);
    return {};
  };
