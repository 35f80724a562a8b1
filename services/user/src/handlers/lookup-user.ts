import { AppError } from '@plaza/core';

import type { Deps, UserHandlers } from './index.ts';

export const lookupUser =
  (_deps: Deps): UserHandlers['lookupUser'] =>
  async () => {
    throw new AppError('UNIMPLEMENTED', 'METHOD_UNKNOWN', 'comes with this issue');
  };
