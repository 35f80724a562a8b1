import { crashPoint, mutationOf } from '@plaza/core';

import { amountFrom, walletMessage } from '../mapping.ts';
import type { Deps, WalletHandlers } from './index.ts';

export const creditWallet =
  ({ wallets }: Deps): WalletHandlers['creditWallet'] =>
  async (ctx, request) => {
    const { userId, amount, reason, requestId } = request;
    const wallet = await wallets.credit(ctx, mutationOf(ctx, requestId, request), userId, amountFrom(amount, 'amount'), reason);
    crashPoint('user.after-credit');
    return { wallet: walletMessage(wallet) };
  };
