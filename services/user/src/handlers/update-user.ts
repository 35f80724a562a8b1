import { AppError } from '@plaza/core';

import type { Deps, UserHandlers } from './index.ts';

export const updateUser =
  (_deps: Deps): UserHandlers['updateUser'] =>
  async () => {
    throw new AppError('UNIMPLEMENTED', 'METHOD_UNKNOWN', 'comes with this issue');
  };
