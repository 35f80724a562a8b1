import { newId } from '@plaza/core';
import { asUser, testContext } from '@plaza/testing';

import { THRESHOLDS } from '../src/domain/home/mode.ts';
import { feedAdminHandlers } from '../src/handlers/index.ts';
import { homeFeedTable, keys } from '../src/store/table.ts';
import { simulate } from './simulated.ts';

/** Of what is verified, if nothing is wrong. */
export const CLEAN = { missing: [], extra: [], leaked: [] };

/** A viewer who follows an author and not a stranger, each with posts; the feed was read and put together. Newest first. */
export const story = async (posts = 3) => {
  const plaza = simulate({ turn: async () => undefined, fault: () => undefined, twice: () => false, lag: () => 0 }, THRESHOLDS);
  const [viewer, author, stranger] = [newId(), newId(), newId()];
  plaza.follow(viewer, author);
  const post = async (authorId: string, visibility: 1 | 2 | 3 = 1) => {
    const request = { authorId, text: 'x', media: [], productIds: [], visibility, requestId: newId(), replyToPostId: '' };
    const { post: made } = await plaza.posts.createPost(asUser(authorId), request);
    await plaza.settle(0);
    return made!.postId!;
  };
  const read = async () => {
    const page = await plaza.feed.listHomeFeed(asUser(viewer), { viewerId: viewer, pageSize: 100, pageToken: '', order: 0 });
    await plaza.settle(0);
    return page.items.map(({ itemId }) => itemId);
  };
  await read();
  const ids: string[] = [];
  for (let i = 0; i < posts; i++) ids.unshift(await post(author));
  const admin = feedAdminHandlers(plaza.rpc);
  return {
    plaza,
    viewer,
    author,
    stranger,
    ids,
    post,
    read,
    admin,
    verify: (maxItems = 0) => admin.verifyFeed(testContext(), { viewerId: viewer, maxItems }),
    explain: async (postId: string) => {
      const { shown, rules } = await admin.explainFeedItem(testContext(), { viewerId: viewer, postId });
      return { shown, failed: rules.filter(({ passed }) => !passed).map(({ rule }) => rule), rules };
    },
    removeRow: (key: string) => plaza.db.batchWrite(testContext(), homeFeedTable, { remove: [keys.feedRow(viewer, key)] }),
    addRow: (key: string, source: string) =>
      plaza.feeds.homeFeeds.addRows(testContext(), [{ viewerId: viewer, entry: key, sourceId: source }]),
  };
};
