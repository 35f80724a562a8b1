import { postNotFound } from '../../domain/errors.ts';
import { isDeleted } from '../../domain/posts/post.ts';
import { toFanoutStatus } from '../../mapping.ts';
import type { Deps, FeedAdminHandlers } from '../index.ts';

/** Of its last planning, and how its author's posts reach feeds now. */
export const getFanoutStatus =
  ({ posts, receipts, modes }: Pick<Deps, 'posts' | 'receipts' | 'modes'>): FeedAdminHandlers['getFanoutStatus'] =>
  async (ctx, { postId }) => {
    const post = await posts.get(ctx, postId);
    if (post === undefined || isDeleted(post)) throw postNotFound();
    const [receipt, mode] = await Promise.all([receipts.get(ctx, postId), modes.get(ctx, post.authorId)]);
    return toFanoutStatus(receipt, mode);
  };
