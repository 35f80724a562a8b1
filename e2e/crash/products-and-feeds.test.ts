import { afterAll, beforeAll, expect, test } from 'vitest';

import { buyerStories } from '../src/buyer-stories.ts';
import { crashPointsInCode, dieAt, type Scenes } from '../src/crash-points.ts';
import { feedStories } from '../src/feed-stories.ts';
import { graphStories } from '../src/graph-stories.ts';
import { postStories } from '../src/post-stories.ts';
import { productStories } from '../src/product-stories.ts';
import { userStories } from '../src/user-stories.ts';
import { startWorld, type World } from '../src/world.ts';

// As users-and-orders.test.ts, for the other half of Plaza, and side by side with it.
let world: World;
let people: ReturnType<typeof userStories>;
let catalogue: ReturnType<typeof productStories>;
let buyers: ReturnType<typeof buyerStories>;
let feeds: ReturnType<typeof feedStories>;
let posts: ReturnType<typeof postStories>;
let graphs: ReturnType<typeof graphStories>;
/** They left so early that nothing holds their erasure up. */
let departed: Awaited<ReturnType<typeof people.departed>>[];
beforeAll(async () => {
  world = await startWorld({ proxies: ['user'] });
  people = userStories(world);
  catalogue = productStories(world);
  buyers = buyerStories(world);
  feeds = feedStories(world);
  posts = postStories(world);
  graphs = graphStories(world);
  departed = [await people.departed(), await people.departed(), await people.departed(), await people.departed()];
});
afterAll(() => world?.close());

const erase = () => people.erase(departed.pop()!);

const SCENES: Scenes = {
  'product.after-erase': ['product', erase],
  'product.after-create': ['product', () => buyers.listProduct()],
  'product.after-adjust': ['product', () => buyers.listProduct()],
  'product.after-update': ['product', () => catalogue.changeAndReturn()],
  'product.after-delete': ['product', () => catalogue.changeAndReturn()],
  'product.after-undelete': ['product', () => catalogue.changeAndReturn()],
  'product.after-save': ['product', () => catalogue.saveAndForget()],
  'product.after-unsave': ['product', () => catalogue.saveAndForget()],
  'product.after-count-views': ['product', () => catalogue.look()],
  'product.after-count-saves': ['product', () => catalogue.saveAndForget()],
  'product.after-count-sales': ['product', () => buyers.buy()],
  'product.after-reserve-stock': ['product', () => buyers.buy()],
  'product.after-commit-stock': ['product', () => buyers.buy()],
  'product.after-release-stock': ['product', () => buyers.buyWithoutMoney()],
  'product.after-expire': ['product', () => buyers.abandon()],
  'graph.after-erase': ['social-graph', erase],
  'feed.after-erase': ['feed-worker', erase],
  'feed.after-erase-engagements': ['feed-worker', erase],
  'graph.after-change': ['social-graph', () => graphs.blockAndForgive()],
  'graph.after-approve': ['social-graph', () => graphs.goPublic()],
  'graph.after-count': ['social-graph', () => feeds.followLate()],
  'graph.after-import-message': ['social-graph', () => feeds.importFollows()],
  'feed.after-post': ['feed', () => feeds.publish()],
  'feed.after-delete': ['feed', () => feeds.retract()],
  'feed.mid-plan': ['feed-worker', () => feeds.publish()],
  'feed.after-plan': ['feed-worker', () => feeds.publish()],
  'feed.after-push-rows': ['feed-worker', () => feeds.publish()],
  'feed.after-push': ['feed-worker', () => feeds.publish()],
  'feed.after-backfill': ['feed-worker', () => feeds.followLate()],
  'feed.after-import-backfill': ['feed-worker', () => feeds.importFollows()],
  'feed.after-sweep-delete': ['feed-worker', () => feeds.unfollowAndReturn()],
  'feed.after-edit': ['feed', () => posts.edit()],
  'feed.after-engage': ['feed', () => posts.engage()],
  'feed.after-disengage': ['feed', () => posts.engage()],
  'feed.after-count': ['feed-worker', () => posts.reply()],
  'feed.after-notify': ['feed-worker', () => posts.beTold()],
  'feed.after-trend': ['feed-worker', () => posts.look()],
  'feed.after-sale': ['feed-worker', () => posts.sell()],
  'feed.after-take-out': ['feed-worker', () => posts.hideAndShow()],
  'events.before-publish': ['feed', () => feeds.publish()],
  'events.after-publish': ['order', () => buyers.buy()],
  'events.after-handle': ['feed-worker', () => feeds.publish()],
};

test('every other crash point has its story, and no story names a point that is gone', () => {
  expect(crashPointsInCode(/^(?!user\.|order\.)/)).toEqual(Object.keys(SCENES).sort());
});

test.each(Object.entries(SCENES))('%s', { timeout: 120_000 }, async (point, scene) => {
  expect(await dieAt(world, point, scene), `${point} is reached`).toBe('SIGKILL');
});
