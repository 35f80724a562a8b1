import { AppError } from '@plaza/core';

import type { Deps, WalletHandlers } from './index.ts';

export const transferBalance =
  (_deps: Deps): WalletHandlers['transferBalance'] =>
  async () => {
    throw new AppError('UNIMPLEMENTED', 'METHOD_UNKNOWN', 'comes with this issue');
  };
