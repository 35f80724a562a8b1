import { AppError } from '@plaza/core';

import type { Deps, UserHandlers } from './index.ts';

export const reportErasure =
  (_deps: Deps): UserHandlers['reportErasure'] =>
  async () => {
    throw new AppError('UNIMPLEMENTED', 'METHOD_UNKNOWN', 'comes with this issue');
  };
