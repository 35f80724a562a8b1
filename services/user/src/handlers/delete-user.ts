import { AppError } from '@plaza/core';

import type { Deps, UserHandlers } from './index.ts';

export const deleteUser =
  (_deps: Deps): UserHandlers['deleteUser'] =>
  async () => {
    throw new AppError('UNIMPLEMENTED', 'METHOD_UNKNOWN', 'comes with this issue');
  };
