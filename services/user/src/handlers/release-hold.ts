import { crashPoint, mutationOf } from '@plaza/core';

import type { Deps, WalletHandlers } from './index.ts';

export const releaseHold =
  ({ holds }: Deps): WalletHandlers['releaseHold'] =>
  async (ctx, request) => {
    const { orderId, requestId } = request;
    await holds.release(ctx, mutationOf(ctx, requestId, request), orderId);
    crashPoint('user.after-release');
    return {};
  };
