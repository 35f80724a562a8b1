import { newId, type Context } from '@plaza/core';
import { asUser } from '@plaza/testing';
import type { StreamHomeFeedResponse } from '@plaza/proto/plaza/feed/v1/feed_service';
import { expect } from 'vitest';

import { THRESHOLDS } from '../src/domain/home/mode.ts';
import { simulate } from './simulated.ts';

/** A viewer who follows two authors, over a table in memory; everything happens in order. */
export const trio = () => {
  const plaza = simulate({ turn: async () => undefined, fault: () => undefined, twice: () => false, lag: () => 0 }, THRESHOLDS);
  const [viewer, author, other] = [newId(), newId(), newId()];
  plaza.follow(viewer, author);
  plaza.follow(viewer, other);
  const post = async (authorId = author, visibility: 1 | 3 = 1) => {
    const request = { authorId, text: 'x', media: [], productIds: [], visibility, requestId: newId(), replyToPostId: '' };
    const { post: made } = await plaza.posts.createPost(asUser(authorId), request);
    await plaza.settle(0);
    return made!.postId!;
  };
  const listen = async (resumeToken = '') => {
    const leaving = new AbortController();
    const ctx: Context = { ...asUser(viewer, 3_600_000), signal: leaving.signal };
    const answers = plaza.feed.streamHomeFeed(ctx, { viewerId: viewer, resumeToken })[Symbol.asyncIterator]();
    let token = '';
    const answer = async (): Promise<StreamHomeFeedResponse> => {
      const { value } = await answers.next();
      token = value.resumeToken;
      return value as StreamHomeFeedResponse;
    };
    expect((await answer()).item).toBeUndefined();
    return {
      next: async () => (await answer()).item?.itemId,
      token: () => token,
      leave: async () => {
        leaving.abort();
        await answers.return?.();
      },
    };
  };
  return { plaza, viewer, author, other, post, listen };
};
