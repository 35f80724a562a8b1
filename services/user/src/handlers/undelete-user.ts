import { AppError } from '@plaza/core';

import type { Deps, UserHandlers } from './index.ts';

export const undeleteUser =
  (_deps: Deps): UserHandlers['undeleteUser'] =>
  async () => {
    throw new AppError('UNIMPLEMENTED', 'METHOD_UNKNOWN', 'comes with this issue');
  };
