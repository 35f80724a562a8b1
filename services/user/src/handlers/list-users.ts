import { AppError } from '@plaza/core';

import type { Deps, UserHandlers } from './index.ts';

export const listUsers =
  (_deps: Deps): UserHandlers['listUsers'] =>
  async () => {
    throw new AppError('UNIMPLEMENTED', 'METHOD_UNKNOWN', 'comes with this issue');
  };
