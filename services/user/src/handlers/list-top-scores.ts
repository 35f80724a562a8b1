import { AppError } from '@plaza/core';

import type { Deps, LeaderboardHandlers } from './index.ts';

export const listTopScores =
  (_deps: Deps): LeaderboardHandlers['listTopScores'] =>
  async () => {
    throw new AppError('UNIMPLEMENTED', 'METHOD_UNKNOWN', 'comes with this issue');
  };
