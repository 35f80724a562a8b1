import { AppError } from '@plaza/core';

import type { Deps, UserHandlers } from './index.ts';

export const getPreferences =
  (_deps: Deps): UserHandlers['getPreferences'] =>
  async () => {
    throw new AppError('UNIMPLEMENTED', 'METHOD_UNKNOWN', 'comes with this issue');
  };
