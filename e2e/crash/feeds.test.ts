import { afterAll, beforeAll, expect, test } from 'vitest';

import { buyerStories } from '../src/buyer-stories.ts';
import { crashPointsInCode, dieAt, type Scenes } from '../src/crash-points.ts';
import { feedStories } from '../src/feed-stories.ts';
import { postStories } from '../src/post-stories.ts';
import { userStories } from '../src/user-stories.ts';
import { startWorld, type World } from '../src/world.ts';

// As users.test.ts, side by side with it.
let world: World;
let buyers: ReturnType<typeof buyerStories>;
let feeds: ReturnType<typeof feedStories>;
let posts: ReturnType<typeof postStories>;
let people: ReturnType<typeof userStories>;
/** They left so early that nothing holds their erasure up. */
let departed: Awaited<ReturnType<typeof people.departed>>[];
beforeAll(async () => {
  world = await startWorld({ proxies: ['user'] });
  buyers = buyerStories(world);
  feeds = feedStories(world);
  posts = postStories(world);
  people = userStories(world);
  departed = [];
  for (let i = 0; i < ERASURES; i++) departed.push(await people.departed());
});
afterAll(() => world?.close());

const erase = () => people.erase(departed.pop()!);
const ERASURES = 2;

const SCENES: Scenes = {
  'feed.after-erase': ['feed-worker', erase],
  'feed.after-erase-engagements': ['feed-worker', erase],
  'feed.after-post': ['feed', () => feeds.publish()],
  'feed.after-delete': ['feed', () => feeds.retract()],
  'feed.mid-plan': ['feed-worker', () => feeds.publish()],
  'feed.after-plan': ['feed-worker', () => feeds.publish()],
  'feed.after-push-rows': ['feed-worker', () => feeds.publish()],
  'feed.after-push': ['feed-worker', () => feeds.publish()],
  'feed.after-backfill': ['feed-worker', () => feeds.followLate()],
  'feed.after-import-backfill': ['feed-worker', () => feeds.importFollows()],
  'feed.after-rebuild': ['feed-worker', () => feeds.comeBack()],
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
  expect(crashPointsInCode(/^(?!user\.|order\.|product\.|graph\.)/)).toEqual(Object.keys(SCENES).sort());
});

test.each(Object.entries(SCENES))('%s', { timeout: 120_000 }, async (point, scene) => {
  expect(await dieAt(world, point, scene), `${point} is reached`).toBe('SIGKILL');
});
