import { afterAll, beforeAll, expect, test } from 'vitest';

import { buyerStories } from '../src/buyer-stories.ts';
import { crashPointsInCode, dieAt, type Scenes } from '../src/crash-points.ts';
import { orderStories } from '../src/order-stories.ts';
import { userStories } from '../src/user-stories.ts';
import { startWorld, type World } from '../src/world.ts';

// Each process is killed, as by kill -9, at each point where that would be nasty. The story that passes the point goes on like a
// careful client: it repeats a call that failed, under the same request_id. The end must be the one without the crash.
let world: World;
let buyers: ReturnType<typeof buyerStories>;
let sales: ReturnType<typeof orderStories>;
let people: ReturnType<typeof userStories>;
/** They left so early that nothing holds their erasure up. */
let departed: Awaited<ReturnType<typeof people.departed>>[];
beforeAll(async () => {
  world = await startWorld({ proxies: ['user'] });
  buyers = buyerStories(world);
  sales = orderStories(world);
  people = userStories(world);
  departed = [];
  for (let i = 0; i < ERASURES; i++) departed.push(await people.departed());
});
afterAll(() => world?.close());

const erase = () => people.erase(departed.pop()!);
const ERASURES = 3;

const SCENES: Scenes = {
  'user.after-create': ['user', () => buyers.signUp()],
  'user.after-session': ['user', () => buyers.signIn()],
  'user.after-refresh': ['user', () => buyers.signIn()],
  'user.after-credit': ['user', () => buyers.buy()],
  'user.after-hold': ['user', () => buyers.buy()],
  'user.after-capture': ['user', () => buyers.buy()],
  'user.after-release': ['user', () => buyers.buyWithoutMoney()],
  'user.after-refund': ['user', () => sales.sendBack()],
  'user.after-update': ['user', () => people.rename()],
  'user.after-preferences': ['user', () => people.agreeToShare()],
  'user.after-delete': ['user', () => people.leaveAndReturn()],
  'user.after-undelete': ['user', () => people.leaveAndReturn()],
  'user.after-end-session': ['user', () => people.signOut()],
  'user.after-end-all-sessions': ['user', () => people.signOutEverywhere()],
  'user.after-set-password': ['user', () => people.changePassword()],
  'user.after-transfer': ['user', () => people.transfer()],
  'user.after-score': ['user', () => people.score()],
  'user.after-purge-asked': ['user', erase],
  'user.after-erase-report': ['user', erase],
  'user.after-purge-done': ['user', erase],
};

test('every crash point of user has its story, and no story names a point that is gone', () => {
  expect(crashPointsInCode(/^user\./)).toEqual(Object.keys(SCENES).sort());
});

test.each(Object.entries(SCENES))('%s', { timeout: 120_000 }, async (point, scene) => {
  expect(await dieAt(world, point, scene), `${point} is reached`).toBe('SIGKILL');
});
