import { AppError } from '@plaza/core';

import type { Deps, SessionHandlers } from './index.ts';

export const deleteAllSessions =
  (_deps: Deps): SessionHandlers['deleteAllSessions'] =>
  async () => {
    throw new AppError('UNIMPLEMENTED', 'METHOD_UNKNOWN', 'comes with this issue');
  };
