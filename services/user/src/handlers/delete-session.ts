import { AppError } from '@plaza/core';

import type { Deps, SessionHandlers } from './index.ts';

export const deleteSession =
  (_deps: Deps): SessionHandlers['deleteSession'] =>
  async () => {
    throw new AppError('UNIMPLEMENTED', 'METHOD_UNKNOWN', 'comes with this issue');
  };
