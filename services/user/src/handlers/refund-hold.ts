import { crashPoint, mutationOf } from '@plaza/core';

import { payoutsFrom } from '../mapping.ts';
import type { Deps, WalletHandlers } from './index.ts';

export const refundHold =
  ({ refunds }: Deps): WalletHandlers['refundHold'] =>
  async (ctx, request) => {
    const { orderId, refundId, parts, requestId } = request;
    await refunds.make(ctx, mutationOf(ctx, requestId, request), orderId, refundId, payoutsFrom(parts, 'parts'));
    crashPoint('user.after-refund');
    return {};
  };
