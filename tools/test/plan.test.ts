import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { planDemo } from '../src/demo/plan.ts';

const graph = readFileSync(new URL('../../data/socfb-Reed98.edges', import.meta.url), 'utf8');

test('the plan is the whole graph, both ways, and the same for the same seed', () => {
  const plan = planDemo(graph, seeded(1));
  expect(plan).toMatchObject({ people: 962, followCount: 37_624 });
  expect(plan.users).toHaveLength(992);
  expect(plan.products).toHaveLength(300);
  expect(new Set(plan.products.map((product) => product.category)).size).toBe(12);
  expect(plan.posts).toHaveLength(3_000);
  expect(plan.orders).toHaveLength(300);
  expect(planDemo(graph, seeded(1))).toEqual(plan);
  expect(planDemo(graph, seeded(2))).not.toEqual(plan);
});

test('what is planned is within what the schema allows, and everybody can pay', () => {
  const plan = planDemo(graph, seeded(1));
  expect(new Set(plan.users.map((user) => user.username)).size).toBe(plan.users.length);
  expect(plan.users.every((user) => /^[a-z0-9_.]{3,30}$/.test(user.username))).toBe(true);
  expect(plan.follows.every(({ follower, followees }) => followees.length <= 45 && !followees.includes(follower))).toBe(true);
  expect(plan.posts.some((post) => post.text.includes('@')) && plan.posts.some((post) => post.products.length > 0)).toBe(true);
  const spent = new Map<number, number>();
  for (const { buyer, lines } of plan.orders) {
    const cents = lines.reduce((sum, line) => sum + plan.products[line.product]!.cents * line.quantity, 0);
    spent.set(buyer, (spent.get(buyer) ?? 0) + cents);
  }
  const money = new Map(plan.credits.map(({ user, units }) => [user, units * 100]));
  expect([...spent].filter(([buyer, cents]) => cents > (money.get(buyer) ?? 0))).toEqual([]);
});

const seeded = (seed: number) => () => {
  seed = (seed * 16_807) % 2_147_483_647;
  return seed / 2_147_483_647;
};
