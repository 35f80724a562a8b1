import { userNotFound } from '../domain/errors.ts';
import { walletMessage } from '../mapping.ts';
import type { Deps, WalletHandlers } from './index.ts';

export const getWallet =
  ({ wallets }: Deps): WalletHandlers['getWallet'] =>
  async (ctx, { userId }) => {
    const wallet = await wallets.get(ctx, userId);
    if (wallet === undefined) throw userNotFound();
    return { wallet: walletMessage(wallet) };
  };
