import { crashPoint, mutationOf } from '@plaza/core';

import { userNotFound } from '../domain/errors.ts';
import { newHold } from '../domain/hold.ts';
import { amountFrom } from '../mapping.ts';
import type { Deps, WalletHandlers } from './index.ts';

export const placeHold =
  ({ holds }: Deps): WalletHandlers['placeHold'] =>
  async (ctx, request) => {
    const { orderId, userId, amount, requestId } = request;
    // A service that acts for one user has no business with the money of another.
    if (ctx.caller.kind === 'service' && (ctx.caller.userId ?? userId) !== userId) throw userNotFound(userId);
    await holds.place(ctx, mutationOf(ctx, requestId, request), newHold(orderId, userId, amountFrom(amount, 'amount')));
    crashPoint('user.after-hold');
    return {};
  };
