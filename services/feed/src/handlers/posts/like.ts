import { mutationOf } from '@plaza/core';

import type { Deps, PostHandlers } from '../index.ts';

export const like =
  ({ engagements, reading }: Deps): PostHandlers['like'] =>
  async (ctx, request) => {
    const { userId, postId } = request;
    const admit = async () => (await reading.one(ctx, postId)).post;
    const mutation = mutationOf(ctx, request.requestId, request);
    const { at } = await engagements.begin(ctx, mutation, { kind: 'like', userId, postId }, admit);
    return { likeTime: new Date(at) };
  };
