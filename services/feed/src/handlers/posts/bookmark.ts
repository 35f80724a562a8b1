import { mutationOf } from '@plaza/core';

import type { Deps, PostHandlers } from '../index.ts';

export const bookmark =
  ({ engagements, reading }: Deps): PostHandlers['bookmark'] =>
  async (ctx, request) => {
    const { userId, postId } = request;
    const admit = async () => (await reading.one(ctx, postId)).post;
    const mutation = mutationOf(ctx, request.requestId, request);
    const { at } = await engagements.begin(ctx, mutation, { kind: 'bookmark', userId, postId }, admit);
    return { bookmarkTime: new Date(at) };
  };
