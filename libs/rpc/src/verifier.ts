import { createPublicKey, type KeyObject } from 'node:crypto';

import { AppError, systemClock, type Caller, type Clock, type SessionClaim } from '@plaza/core';
import { LRUCache } from 'lru-cache';

import { decodeJwt, type Claims } from './jwt.ts';
import { AUDIENCE } from './signer.ts';

/** Clocks of two machines may differ by this. */
const SKEW_MS = 60_000;

export interface Verifier {
  /** @throws AppError UNAUTHENTICATED TOKEN_INVALID, or TOKEN_EXPIRED if nothing but its time speaks against it */
  verify(token: string): Caller;
}

/**
 * Verifies tokens against the issuers' public keys (SPKI DER in base64url). A signature costs about 0.1 ms to check, so
 * a verified token is remembered until it expires.
 */
export const createVerifier = (verifyKeys: Readonly<Record<string, string>>, now: Clock = systemClock): Verifier => {
  const keys = new Map(Object.entries(verifyKeys).map(([issuer, key]) => [issuer, publicKey(issuer, key)]));
  const verified = new LRUCache<string, { caller: Caller; until: number }>({ max: 20_000 });

  return {
    verify(token) {
      const at = now();
      const known = verified.get(token);
      if (known && at < known.until) return known.caller;
      const claims = decodeJwt(token, (kid) => keys.get(kid));
      const until = claims?.aud === AUDIENCE ? endOf(claims, at) : undefined;
      const caller = claims && callerOf(claims);
      if (until === undefined || !caller) throw invalidToken();
      if (at >= until) throw expiredToken();
      verified.set(token, { caller, until });
      return caller;
    },
  };
};

const publicKey = (issuer: string, encoded: string): KeyObject => {
  try {
    const key = createPublicKey({ key: Buffer.from(encoded, 'base64url'), type: 'spki', format: 'der' });
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // What OpenSSL says of it helps nobody.
  }
  throw new Error(`the public key of ${issuer} is no Ed25519 key (SPKI DER in base64url)`);
};

/** When a token stops being good, in epoch milliseconds; undefined if it has no times, or is not good yet. */
const endOf = ({ iat, exp }: Partial<Claims>, at: number): number | undefined =>
  typeof iat === 'number' && typeof exp === 'number' && iat * 1_000 <= at + SKEW_MS ? exp * 1_000 + SKEW_MS : undefined;

/** Only the user service vouches for people and admins; any other issuer speaks for itself alone. */
const callerOf = ({ iss, sub, role, act, sid, ep }: Partial<Claims>): Caller | undefined => {
  if (typeof sub !== 'string' || sub === '') return undefined;
  if (role === 'service' && sub === iss)
    return { kind: 'service', service: sub, ...(typeof act === 'string' && act !== '' && { userId: act }) };
  if (iss !== 'user') return undefined;
  if (role === 'admin') return { kind: 'admin' };
  if (role !== 'user') return undefined;
  if (sid === undefined && ep === undefined) return { kind: 'user', userId: sub };
  // Half a session would be one that nothing can end.
  const session = sessionOf(sid, ep);
  return session && { kind: 'user', userId: sub, session };
};

const sessionOf = (id: unknown, epoch: unknown): SessionClaim | undefined =>
  typeof id === 'string' && id !== '' && typeof epoch === 'number' && Number.isSafeInteger(epoch) && epoch >= 0
    ? { id, epoch }
    : undefined;

const invalidToken = (): AppError =>
  new AppError('UNAUTHENTICATED', 'TOKEN_INVALID', 'the token is malformed, wrongly signed or not meant for Plaza', {
    domain: 'plaza',
  });

const expiredToken = (): AppError =>
  new AppError('UNAUTHENTICATED', 'TOKEN_EXPIRED', 'the time of the token is over; refresh it', { domain: 'plaza' });
