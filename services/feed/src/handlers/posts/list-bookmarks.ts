import { maySee } from '../../domain/visible.ts';
import type { Deps, PostHandlers } from '../index.ts';

export const listBookmarks =
  ({ lists, reading }: Deps): PostHandlers['listBookmarks'] =>
  (ctx, { userId, pageSize, pageToken }) =>
    reading.page(
      ctx,
      { pageSize, pageToken, filter: userId },
      { list: lists.bookmarks(userId), rule: maySee, postIdOf: ({ item }) => item['postId'] as string },
    );
