import { AppError } from '@plaza/core';

import type { Deps, SessionHandlers } from './index.ts';

export const listSessions =
  (_deps: Deps): SessionHandlers['listSessions'] =>
  async () => {
    throw new AppError('UNIMPLEMENTED', 'METHOD_UNKNOWN', 'comes with this issue');
  };
