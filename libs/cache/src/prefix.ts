import type { Redis } from './connect.ts';

/** Every key of a service begins with its name: that is what its Redis user may touch. */
export const prefix = ({ owner }: Pick<Redis, 'owner'>, namespace: string): string =>
  namespace === '' ? `${owner}:` : `${namespace}:${owner}:`;
