import { AppError } from '@plaza/core';

import type { Deps, UserHandlers } from './index.ts';

export const setPassword =
  (_deps: Deps): UserHandlers['setPassword'] =>
  async () => {
    throw new AppError('UNIMPLEMENTED', 'METHOD_UNKNOWN', 'comes with this issue');
  };
