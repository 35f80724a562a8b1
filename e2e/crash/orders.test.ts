import { afterAll, beforeAll, expect, test } from 'vitest';

import { buyerStories } from '../src/buyer-stories.ts';
import { crashPointsInCode, dieAt, type Scenes } from '../src/crash-points.ts';
import { orderStories } from '../src/order-stories.ts';
import { userStories } from '../src/user-stories.ts';
import { startWorld, type World } from '../src/world.ts';

// As users.test.ts, side by side with it.
let world: World;
let buyers: ReturnType<typeof buyerStories>;
let sales: ReturnType<typeof orderStories>;
let people: ReturnType<typeof userStories>;
/** They left so early that nothing holds their erasure up. */
let departed: Awaited<ReturnType<typeof people.departed>>[];
beforeAll(async () => {
  world = await startWorld({ proxies: ['user'], env: { SHARE_DELAY_S: '1' } });
  buyers = buyerStories(world);
  sales = orderStories(world);
  people = userStories(world);
  departed = [];
  for (let i = 0; i < ERASURES; i++) departed.push(await people.departed());
});
afterAll(() => world?.close());

const erase = () => people.erase(departed.pop()!);
const ERASURES = 1;

const SCENES: Scenes = {
  'order.after-erase': ['order', erase],
  'order.after-pending': ['order', () => buyers.buy()],
  'order.after-reserve': ['order', () => buyers.buy()],
  'order.after-reserved-state': ['order', () => buyers.buy()],
  'order.after-hold': ['order', () => buyers.buy()],
  'order.after-commit': ['order', () => buyers.buy()],
  'order.after-paid': ['order', () => buyers.buy()],
  'order.after-capture': ['order', () => buyers.buy()],
  'order.after-failed': ['order', () => buyers.buyWithoutMoney()],
  'order.after-cancelled': ['order', () => buyers.callOff()],
  'order.after-release-hold': ['order', () => buyers.callOff()],
  'order.after-shared': ['order', () => sales.share()],
  'order.after-unshared': ['order', () => sales.shareAndRegret()],
  'order.after-shipped': ['order', () => sales.send()],
  'order.after-refund-asked': ['order', () => sales.sendBack()],
  'order.after-refund-paid': ['order', () => sales.sendBack()],
  'order.after-refunded': ['order', () => sales.sendBack()],
};

test('every crash point of order has its story, and no story names a point that is gone', () => {
  expect(crashPointsInCode(/^order\./)).toEqual(Object.keys(SCENES).sort());
});

test.each(Object.entries(SCENES))('%s', { timeout: 120_000 }, async (point, scene) => {
  expect(await dieAt(world, point, scene), `${point} is reached`).toBe('SIGKILL');
});
