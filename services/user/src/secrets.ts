import { createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';

import type { Grant } from './domain/session.ts';

export interface Secrets {
  /** Stands for a password in the hash of a request body: a plain SHA-256 there would be far cheaper to guess from than the argon2id. */
  fingerprint(secret: string): string;
  newSeed(): string;
  /**
   * The refresh token of a grant: 256 bits, HMAC of its random seed. The request row keeps the grant for 48 hours, so that a
   * repeated request whose reply was lost gets the very tokens of the first; and yet no token is stored, and none can be made
   * from the table without the key.
   */
  refreshToken(grant: Pick<Grant, 'seed'>): string;
  /** What the table knows a token by. A fast hash is enough for 256 random bits. */
  digest(token: string): string;
}

/** Keys for single purposes, all from the service's one secret: its signing key. A new signing key ends replays, not sessions. */
export const createSecrets = (signingKey: string): Secrets => {
  const keyFor = (purpose: string) => Buffer.from(hkdfSync('sha256', signingKey, '', `plaza.user ${purpose}`, 32));
  const requestKey = keyFor('request fingerprint');
  const refreshKey = keyFor('refresh token');
  return {
    fingerprint: (secret) => createHmac('sha256', requestKey).update(secret).digest('base64url'),
    newSeed: () => randomBytes(32).toString('base64url'),
    refreshToken: ({ seed }) => createHmac('sha256', refreshKey).update(seed).digest('base64url'),
    digest: (token) => createHash('sha256').update(token).digest('base64url'),
  };
};
