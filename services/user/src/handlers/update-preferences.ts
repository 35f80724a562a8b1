import { AppError } from '@plaza/core';

import type { Deps, UserHandlers } from './index.ts';

export const updatePreferences =
  (_deps: Deps): UserHandlers['updatePreferences'] =>
  async () => {
    throw new AppError('UNIMPLEMENTED', 'METHOD_UNKNOWN', 'comes with this issue');
  };
