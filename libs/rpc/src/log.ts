import type { Log } from '@plaza/core';

export const createLog = (_options: { service: string; level?: string; write?: (line: string) => void }): Log => {
  throw new Error('soon');
};
