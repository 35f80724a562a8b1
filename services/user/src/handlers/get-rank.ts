import { AppError } from '@plaza/core';

import type { Deps, LeaderboardHandlers } from './index.ts';

export const getRank =
  (_deps: Deps): LeaderboardHandlers['getRank'] =>
  async () => {
    throw new AppError('UNIMPLEMENTED', 'METHOD_UNKNOWN', 'comes with this issue');
  };
