import { callerKey, pageSizeOf } from '@plaza/core';

import { userNotFound } from '../domain/errors.ts';
import { ledgerEntryMessage } from '../mapping.ts';
import type { Deps, WalletHandlers } from './index.ts';

export const listLedgerEntries =
  ({ wallets, pageTokens }: Deps): WalletHandlers['listLedgerEntries'] =>
  async (ctx, { userId, pageSize, pageToken }) => {
    const scope = { method: ctx.method, caller: callerKey(ctx.caller), filter: userId };
    const before = pageTokens.decode<string>(scope, pageToken);
    const page = await wallets.entries(ctx, userId, { size: pageSizeOf(pageSize), before });
    if (page === undefined) throw userNotFound();
    return {
      entries: page.entries.map(ledgerEntryMessage),
      nextPageToken: page.next === undefined ? '' : pageTokens.encode(scope, page.next),
    };
  };
