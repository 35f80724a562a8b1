import { AppError } from '@plaza/core';

import type { Deps, SessionHandlers } from './index.ts';

export const getSession =
  (_deps: Deps): SessionHandlers['getSession'] =>
  async () => {
    throw new AppError('UNIMPLEMENTED', 'METHOD_UNKNOWN', 'comes with this issue');
  };
