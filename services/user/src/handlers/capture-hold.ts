import { crashPoint, mutationOf } from '@plaza/core';

import { payoutsFrom } from '../mapping.ts';
import type { Deps, WalletHandlers } from './index.ts';

export const captureHold =
  ({ holds }: Deps): WalletHandlers['captureHold'] =>
  async (ctx, request) => {
    const { orderId, payouts, requestId } = request;
    await holds.capture(ctx, mutationOf(ctx, requestId, request), orderId, payoutsFrom(payouts, 'payouts'));
    crashPoint('user.after-capture');
    return {};
  };
