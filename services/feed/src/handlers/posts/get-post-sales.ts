import { postNotFound } from '../../domain/errors.ts';
import { isDeleted } from '../../domain/posts/post.ts';
import { toSalesMessage, viewerOf } from '../../mapping.ts';
import type { Deps, PostHandlers } from '../index.ts';

export const getPostSales =
  ({ posts, sales }: Deps): PostHandlers['getPostSales'] =>
  async (ctx, { postId }) => {
    const post = await posts.get(ctx, postId);
    if (post === undefined || isDeleted(post)) throw postNotFound();
    if (ctx.caller.kind !== 'admin' && post.authorId !== viewerOf(ctx.caller)) throw postNotFound();
    return toSalesMessage(await sales.get(ctx, postId));
  };
