import { AppError } from '@plaza/core';

import type { Deps, LeaderboardHandlers } from './index.ts';

export const addScore =
  (_deps: Deps): LeaderboardHandlers['addScore'] =>
  async () => {
    throw new AppError('UNIMPLEMENTED', 'METHOD_UNKNOWN', 'comes with this issue');
  };
