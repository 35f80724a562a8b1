import { maySee } from '../../domain/visible.ts';
import type { Deps, PostHandlers } from '../index.ts';

export const listPosts =
  ({ lists, reading }: Deps): PostHandlers['listPosts'] =>
  async (ctx, { authorId, pageSize, pageToken }) =>
    reading.page(
      ctx,
      { pageSize, pageToken, filter: authorId },
      { list: lists.author(authorId), rule: maySee, ofAuthor: authorId },
    );
