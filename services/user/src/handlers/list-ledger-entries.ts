import { AppError } from '@plaza/core';

import type { Deps, WalletHandlers } from './index.ts';

export const listLedgerEntries =
  (_deps: Deps): WalletHandlers['listLedgerEntries'] =>
  async () => {
    throw new AppError('UNIMPLEMENTED', 'METHOD_UNKNOWN', 'comes with this issue');
  };
