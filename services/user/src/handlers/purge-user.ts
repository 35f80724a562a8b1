import { AppError } from '@plaza/core';

import type { Deps, UserHandlers } from './index.ts';

export const purgeUser =
  (_deps: Deps): UserHandlers['purgeUser'] =>
  async () => {
    throw new AppError('UNIMPLEMENTED', 'METHOD_UNKNOWN', 'comes with this issue');
  };
