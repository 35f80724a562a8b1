import { mutationOf } from '@plaza/core';

import { repostNotAllowed } from '../../domain/errors.ts';
import type { Deps, PostHandlers } from '../index.ts';

export const repost =
  ({ engagements, reading }: Deps): PostHandlers['repost'] =>
  async (ctx, request) => {
    const { userId, postId } = request;
    const admit = async () => {
      const { post } = await reading.one(ctx, postId);
      // Not even the author passes on what was not meant for everybody.
      if (post.visibility !== 'PUBLIC') throw repostNotAllowed();
      return post;
    };
    const mutation = mutationOf(ctx, request.requestId, request);
    const { at } = await engagements.begin(ctx, mutation, { kind: 'repost', userId, postId }, admit);
    return { repostTime: new Date(at) };
  };
