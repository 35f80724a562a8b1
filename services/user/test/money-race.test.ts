import { isAppError, newId } from '@plaza/core';
import { asAdmin, testContext } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { euro, people } from './builders.ts';
import { auditWallets, everCredited } from './money-audit.ts';
import { startService, type Service } from './service.ts';

const PATIENCE_MS = 60_000;

/** Of hold, capture, release. A capture that comes after its refused hold finds none, or the tombstone of the release. */
const POSSIBLE = [
  'ok ok HOLD_CAPTURED',
  'ok HOLD_RELEASED ok',
  'INSUFFICIENT_FUNDS HOLD_NOT_FOUND ok',
  'INSUFFICIENT_FUNDS HOLD_RELEASED ok',
];

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

test('money is conserved while credits, holds, captures and releases race', { timeout: 120_000 }, async () => {
  const crowd = await people(service, 6, 20);
  const orderIds = Array.from({ length: 30 }, () => newId());
  const ctx = () => testContext({ caller: { kind: 'service', service: 'order' }, timeoutMs: PATIENCE_MS });

  /** Each order is held, then captured and released at the same moment, twice each: one of the two wins, for good. */
  const shop = async (orderId: string, i: number): Promise<string[]> => {
    const [buyer, seller, other] = [0, 1, 2].map((n) => crowd[(i + n) % crowd.length]!) as [string, string, string];
    const amount = euro(7);
    const held = await ending(service.wallets.placeHold(ctx(), { orderId, userId: buyer, amount, requestId: newId() }));
    const payouts = [
      { userId: seller, amount: euro(4) },
      { userId: other, amount: euro(3) },
    ];
    const [captureId, releaseId] = [newId(), newId()];
    const ends = await Promise.all([
      ending(service.wallets.captureHold(ctx(), { orderId, payouts, requestId: captureId })),
      ending(service.wallets.releaseHold(ctx(), { orderId, requestId: releaseId })),
      ending(service.wallets.captureHold(ctx(), { orderId, payouts, requestId: captureId })),
      ending(service.wallets.releaseHold(ctx(), { orderId, requestId: releaseId })),
    ]);
    return [held, ...ends];
  };
  const credit = (userId: string) =>
    service.wallets.creditWallet(asAdmin(PATIENCE_MS), { userId, amount: euro(1), requestId: newId() });

  // Six at a time: one engine does one transaction at a time, and a longer queue only runs into the deadlines.
  const spree = async (shopper: number) => {
    const ends = [];
    for (let i = shopper; i < orderIds.length; i += crowd.length) {
      const [end] = await Promise.all([shop(orderIds[i]!, i), credit(crowd[(i + 1) % crowd.length]!)]);
      ends.push(end);
    }
    return ends;
  };
  const outcomes = (await Promise.all(crowd.map((_, shopper) => spree(shopper)))).flat();
  for (const [held, capture, release, captureAgain, releaseAgain] of outcomes) {
    expect(POSSIBLE).toContain(`${held} ${capture} ${release}`);
    expect(POSSIBLE).toContain(`${held} ${captureAgain} ${releaseAgain}`);
    expect(captureAgain === 'ok').toBe(capture === 'ok');
  }
  const credited = 100 * (crowd.length * 20 + orderIds.length);
  expect(await auditWallets(service.app.db, crowd, orderIds)).toBe(credited);
  expect(await everCredited(service.app.db)).toBe(credited);
});

const ending = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call;
    return 'ok';
  } catch (error) {
    if (isAppError(error)) return error.reason;
    throw error;
  }
};
