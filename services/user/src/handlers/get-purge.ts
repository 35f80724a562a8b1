import { AppError } from '@plaza/core';

import type { Deps, UserHandlers } from './index.ts';

export const getPurge =
  (_deps: Deps): UserHandlers['getPurge'] =>
  async () => {
    throw new AppError('UNIMPLEMENTED', 'METHOD_UNKNOWN', 'comes with this issue');
  };
