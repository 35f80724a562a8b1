import { hashtagInvalid } from '../../domain/errors.ts';
import { hashtagOf } from '../../domain/posts/text.ts';
import { mayMeet } from '../../domain/visible.ts';
import type { Deps, PostHandlers } from '../index.ts';

export const listPostsByHashtag =
  ({ lists, reading }: Deps): PostHandlers['listPostsByHashtag'] =>
  async (ctx, { hashtag, pageSize, pageToken }) => {
    const tag = hashtagOf(hashtag);
    if (tag === undefined) throw hashtagInvalid();
    return reading.page(ctx, { pageSize, pageToken, filter: tag }, { list: lists.spread('HASHTAG', tag), rule: mayMeet });
  };
