import { crashPoint, mutationOf } from '@plaza/core';

import { userNotFound } from '../domain/errors.ts';
import { newTransfer } from '../domain/transfer.ts';
import { amountFrom, transferMessage } from '../mapping.ts';
import type { Deps, WalletHandlers } from './index.ts';

export const transferBalance =
  ({ transfers, newId, now }: Deps): WalletHandlers['transferBalance'] =>
  async (ctx, request) => {
    const { fromUserId, amount, requestId } = request;
    // A service that acts for one user has no business with the money of another.
    if (ctx.caller.kind === 'service' && (ctx.caller.userId ?? fromUserId) !== fromUserId) throw userNotFound();
    const wish = newTransfer(newId(), request, amountFrom(amount, 'amount'), now());
    const transfer = await transfers.make(ctx, mutationOf(ctx, requestId, request), wish);
    crashPoint('user.after-transfer');
    return { transfer: transferMessage(transfer) };
  };
