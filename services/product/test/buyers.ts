import { backoffMs, isAppError, newId, pause } from '@plaza/core';
import type { InventoryServiceDefinition } from '@plaza/proto/plaza/product/v1/inventory_service';
import type { Handlers } from '@plaza/rpc';
import { expect } from 'vitest';

import { asOrder } from './world.ts';

/** What buyers need of the inventory, over the network or not. */
export type Inventory = Pick<Handlers<InventoryServiceDefinition>, 'reserveStock' | 'commitReservation' | 'releaseReservation'>;

/** How it ended for a buyer of one unit, as the answers said. */
export interface Bought {
  readonly orderId: string;
  readonly state: 'NONE' | 'RESERVED' | 'COMMITTED' | 'RELEASED';
}

export type Plan = 'commit' | 'release' | 'keep' | 'sell and return';

export const PLANS: readonly Plan[] = ['commit', 'commit', 'release', 'keep', 'sell and return'];

/** A buyer of one unit who goes on until everything is answered, each call under one request id, and believes every answer. */
export const buy = async (inventory: () => Inventory, productId: string, plan: Plan): Promise<Bought> => {
  const orderId = newId();
  const requestId = newId();
  const lines = [{ productId, quantity: 1n }];
  try {
    // Twice in a row: the second one is a repetition, which hears the same.
    const first = await insist(() => inventory().reserveStock(asOrder(), { orderId, lines, ttlSeconds: 3600, requestId }));
    const again = await insist(() => inventory().reserveStock(asOrder(), { orderId, lines, ttlSeconds: 60, requestId: newId() }));
    expect(again).toEqual(first);
  } catch (error) {
    expect(error).toMatchObject({ reason: 'INSUFFICIENT_STOCK', details: { metadata: { [productId]: '0' } } });
    return { orderId, state: 'NONE' };
  }
  if (plan === 'keep') return { orderId, state: 'RESERVED' };
  const [sale, end] = [newId(), newId()];
  if (plan !== 'release') await insist(() => inventory().commitReservation(asOrder(), { orderId, requestId: sale }));
  if (plan === 'commit') return { orderId, state: 'COMMITTED' };
  await insist(() => inventory().releaseReservation(asOrder(), { orderId, requestId: end }));
  return { orderId, state: 'RELEASED' };
};

/** Answers that leave open what happened, or say that nothing did, yet. */
const PASSING: ReadonlySet<string> = new Set(['UNAVAILABLE', 'ABORTED', 'DEADLINE_EXCEEDED', 'RESOURCE_EXHAUSTED', 'CANCELLED']);

const insist = async <T>(call: () => Promise<T>): Promise<T> => {
  for (let tries = 0; ; tries++) {
    try {
      return await call();
    } catch (error) {
      if (!isAppError(error) || !PASSING.has(error.code) || tries > 200) throw error;
      await pause(error.details.retryAfterMs ?? backoffMs(tries, 10, 500));
    }
  }
};
