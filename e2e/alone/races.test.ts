import { inLanes, isAppError, newId, type AppError } from '@plaza/core';
import { OrderState } from '@plaza/proto/plaza/order/v1/order_service';
import { eventually } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { insist } from '../src/insist.ts';
import { startWorld, type World } from '../src/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.close());

test('100 buyers, 1 unit: one is PAID, 99 are refused with the reason, nothing stays held', { timeout: 120_000 }, async () => {
  const { productId } = await world.shelf(1, 10);
  const buyers = await crowd(100);
  await inLanes(buyers, 8, (buyer) => world.fund(buyer, 10));

  // A careful client asks again, under the same request_id, while it has no final answer: the local engine may be slower than a deadline.
  const buy = (buyer: string, requestId = newId()) =>
    insist(async () => {
      const order = await world.order(buyer, productId, { requestId });
      if (order.state !== OrderState.PAID) throw new Error(`still ${order.state}`);
      return order;
    });
  const answers = await Promise.all(buyers.map((buyer) => buy(buyer).catch((error: unknown) => error as AppError)));

  const refused = answers.filter((answer) => isAppError(answer));
  expect(refused.map(({ code, reason, details }) => [code, reason, details.domain])).toEqual(
    Array(99).fill(['FAILED_PRECONDITION', 'INSUFFICIENT_STOCK', 'plaza.product']),
  );
  const orders = await Promise.all(
    buyers.map(async (userId) => (await world.plaza.clients.orders.listOrders(world.plaza.asUser(userId), { userId })).orders),
  );
  expect(orders.flat().filter(({ state }) => state === OrderState.PAID)).toHaveLength(1);
  expect(orders.flat().filter(({ state }) => state === OrderState.FAILED)).toHaveLength(99);
  await eventually(async () => {
    const wallets = await Promise.all(buyers.map((buyer) => world.wallet(buyer)));
    expect(wallets.filter(({ held }) => held !== 0n)).toEqual([]);
    expect(wallets.reduce((sum, { balance }) => sum + balance, 0n)).toBe(99n * 1_000n);
  });
  // What is displayed may be five seconds old.
  await eventually(async () => expect(await world.stock(productId)).toBe(0n), { timeoutMs: 10_000 });
});

test(
  '50 people want one name: one gets it, the others hear why, and a refused e-mail stays free',
  { timeout: 60_000 },
  async () => {
    const username = `wanted${newId().slice(-10).toLowerCase()}`;
    const emails = Array.from({ length: 50 }, (_, i) => `${username}-${i}@example.com`);
    const create = (email: string, requestId = newId()) => {
      // Case differs, the name does not.
      const wish = { username: email.length % 2 ? username : username.toUpperCase(), email, requestId };
      return insist(() => world.plaza.clients.users.createUser(world.plaza.asAdmin(20_000), wish))
        .then(({ user }) => user!.userId)
        .catch((error: unknown) => error as AppError);
    };

    const answers = await Promise.all(emails.map((email) => create(email)));

    const losers = emails.filter((_, i) => isAppError(answers[i]));
    expect(losers).toHaveLength(49);
    expect(
      answers
        .filter((answer) => isAppError(answer))
        .every(({ code, reason }) => code === 'ALREADY_EXISTS' && reason === 'USERNAME_TAKEN'),
    ).toBe(true);
    const other = `free${newId().slice(-10).toLowerCase()}`;
    const { user } = await world.plaza.clients.users.createUser(world.plaza.asAdmin(), {
      username: other,
      email: losers[0]!,
      requestId: newId(),
    });
    expect(user?.username).toBe(other);
  },
);

test('cancelling while the order is being paid ends in one of the two, with nothing left over', { timeout: 90_000 }, async () => {
  const buyer = await world.person();
  const { productId } = await world.shelf(20, 10);
  await world.fund(buyer, 200);
  const { orders } = world.plaza.clients;
  const seen = new Set<string>();
  const race = async () => {
    const placed = world.order(buyer, productId).catch((error: unknown) => error as AppError);
    const appeared = async () => {
      const listed = await orders.listOrders(world.plaza.asUser(buyer), { userId: buyer, pageSize: 1 });
      const newest = listed.orders[0];
      if (!newest || seen.has(newest.orderId)) throw new Error('not there yet');
      return newest.orderId;
    };
    const orderId = await eventually(appeared, { everyMs: 5 });
    seen.add(orderId);
    const requestId = newId();
    await insist(() => orders.cancelOrder(world.plaza.asUser(buyer), { orderId, requestId })).catch((error: unknown) => {
      // Too late: it was paid first.
      if (!isAppError(error, 'ILLEGAL_TRANSITION')) throw error;
    });
    await placed;
  };
  for (let i = 0; i < 8; i++) await race();

  await eventually(
    async () => {
      const listed = await orders.listOrders(world.plaza.asUser(buyer), { userId: buyer, pageSize: 100 });
      const paid = listed.orders.filter(({ state }) => state === OrderState.PAID).length;
      const settled = listed.orders.filter(({ state }) => state === OrderState.PAID || state === OrderState.CANCELLED).length;
      expect(settled).toBe(listed.orders.length);
      expect(settled).toBe(8);
      expect(paid).toBeLessThan(8);
      expect(await world.wallet(buyer)).toEqual({
        balance: 20_000n - 1_000n * BigInt(paid),
        available: 20_000n - 1_000n * BigInt(paid),
        held: 0n,
      });
      expect(await world.stock(productId)).toBe(20n - BigInt(paid));
    },
    { timeoutMs: 30_000 },
  );
});

const crowd = async (size: number): Promise<string[]> => {
  const ids: string[] = [];
  while (ids.length < size) {
    const names = Array.from({ length: Math.min(25, size - ids.length) }, () => `c${newId().slice(-14).toLowerCase()}`);
    const users = names.map((username) => ({ username, email: `${username}@example.com`, requestId: newId() }));
    const { results } = await world.plaza.clients.users.batchCreateUsers(world.plaza.asAdmin(20_000), { users });
    ids.push(...results.flatMap(({ result }) => (result?.$case === 'user' ? [result.value.userId] : [])));
  }
  return ids;
};
