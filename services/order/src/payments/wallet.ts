import type { UserClients } from '@plaza/clients';
import { moneyOf } from '@plaza/core';

import type { Payout } from '../domain/order.ts';
import type { Payments } from './port.ts';

export type Wallets = Pick<UserClients['wallets'], 'placeHold' | 'captureHold' | 'releaseHold' | 'refundHold'>;

/**
 * Money in Plaza's own wallets. Without request ids of its own: the user service knows a repetition by order and refund for good, and
 * then answers by what has become of the money, where a remembered request would answer what once was.
 */
export const walletPayments = (wallets: Wallets): Payments => ({
  async authorise(ctx, { orderId, payerId, amount }) {
    await wallets.placeHold(ctx, { orderId, userId: payerId, amount: moneyOf(amount) });
  },
  async capture(ctx, { orderId, payees }) {
    await wallets.captureHold(ctx, { orderId, payouts: payees.map(payout) });
  },
  async void(ctx, { orderId }) {
    await wallets.releaseHold(ctx, { orderId });
  },
  async refund(ctx, { orderId, refundId, from }) {
    await wallets.refundHold(ctx, { orderId, refundId, parts: from.map(payout) });
  },
});

const payout = ({ userId, amount }: Payout) => ({ userId, amount: moneyOf(amount) });
