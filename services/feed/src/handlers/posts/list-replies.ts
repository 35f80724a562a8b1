import { mayMeet } from '../../domain/visible.ts';
import type { Deps, PostHandlers } from '../index.ts';

export const listReplies =
  ({ lists, reading }: Deps): PostHandlers['listReplies'] =>
  async (ctx, { postId, pageSize, pageToken }) =>
    reading.page(
      ctx,
      { pageSize, pageToken, filter: postId },
      { list: lists.spread('REPLIES', postId), rule: mayMeet, ofPost: postId },
    );
