import { afterAll, beforeAll, expect, test } from 'vitest';

import { buyerStories } from '../src/buyer-stories.ts';
import { crashPointsInCode, dieAt, type Scenes } from '../src/crash-points.ts';
import { feedStories } from '../src/feed-stories.ts';
import { graphStories } from '../src/graph-stories.ts';
import { productStories } from '../src/product-stories.ts';
import { userStories } from '../src/user-stories.ts';
import { startWorld, type World } from '../src/world.ts';

// As users.test.ts, side by side with it.
let world: World;
let buyers: ReturnType<typeof buyerStories>;
let feeds: ReturnType<typeof feedStories>;
let graphs: ReturnType<typeof graphStories>;
let catalogue: ReturnType<typeof productStories>;
let people: ReturnType<typeof userStories>;
/** They left so early that nothing holds their erasure up. */
let departed: Awaited<ReturnType<typeof people.departed>>[];
beforeAll(async () => {
  world = await startWorld({ proxies: ['user'] });
  buyers = buyerStories(world);
  feeds = feedStories(world);
  graphs = graphStories(world);
  catalogue = productStories(world);
  people = userStories(world);
  departed = [];
  for (let i = 0; i < ERASURES; i++) departed.push(await people.departed());
});
afterAll(() => world?.close());

const erase = () => people.erase(departed.pop()!);
const ERASURES = 2;

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
  'graph.after-change': ['social-graph', () => graphs.blockAndForgive()],
  'graph.after-approve': ['social-graph', () => graphs.goPublic()],
  'graph.after-count': ['social-graph', () => feeds.followLate()],
  'graph.after-import-message': ['social-graph', () => feeds.importFollows()],
};

test('every crash point of product and graph has its story, and no story names a point that is gone', () => {
  expect(crashPointsInCode(/^(product|graph)\./)).toEqual(Object.keys(SCENES).sort());
});

test.each(Object.entries(SCENES))('%s', { timeout: 120_000 }, async (point, scene) => {
  expect(await dieAt(world, point, scene), `${point} is reached`).toBe('SIGKILL');
});
