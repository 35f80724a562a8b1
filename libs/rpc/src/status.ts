import type { Status } from '@plaza/proto/google/rpc/status';

export const encodeStatus = (_error: unknown, _defaultDomain: string): Status => {
  throw new Error('soon');
};
