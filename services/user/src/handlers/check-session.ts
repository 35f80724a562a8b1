import { AppError } from '@plaza/core';

import type { Deps, SessionHandlers } from './index.ts';

export const checkSession =
  (_deps: Deps): SessionHandlers['checkSession'] =>
  async () => {
    throw new AppError('UNIMPLEMENTED', 'METHOD_UNKNOWN', 'comes with this issue');
  };
