import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';

import { systemClock, type Clock, type Context, type SessionClaim } from '@plaza/core';
import { LRUCache } from 'lru-cache';

import { encodeJwt, type Claims } from './jwt.ts';

export const AUDIENCE = 'plaza';

/** Keys as core's ServiceConfig takes them: PKCS 8 and SPKI DER in base64url, by issuer. */
export interface Keyring {
  readonly signingKeys: Record<string, string>;
  readonly verifyKeys: Record<string, string>;
}

/** One Ed25519 key pair for each issuer: for development and tests. */
export const generateKeyring = (issuers: readonly string[]): Keyring => {
  const pairs = issuers.map((issuer) => ({ issuer, ...generateKeyPairSync('ed25519') }));
  return {
    signingKeys: Object.fromEntries(
      pairs.map(({ issuer, privateKey }) => [issuer, privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64url')]),
    ),
    verifyKeys: Object.fromEntries(
      pairs.map(({ issuer, publicKey }) => [issuer, publicKey.export({ type: 'spki', format: 'der' }).toString('base64url')]),
    ),
  };
};

export interface Signer {
  /** What a signed-in user shows. With a session it is worthless once that has ended; without one it ends by its time alone. */
  accessToken(options: { userId: string; ttlMs: number; session?: SessionClaim }): string;
  adminToken(options: { ttlMs: number }): string;
  /** What a service shows to another, naming the user that it acts for, if any. Valid for 60 s; one is used for 30 s. */
  serviceToken(userId?: string): string;
}

const SERVICE_TOKEN_MS = 60_000;
const REUSED_MS = 30_000;

/** @throws Error if the key is no Ed25519 private key (PKCS 8 DER in base64url). */
export const createSigner = (options: { issuer: string; signingKey: string; now?: Clock }): Signer => {
  const { issuer, now = systemClock } = options;
  const key = privateKey(issuer, options.signingKey);
  const made = new LRUCache<string, { token: string; at: number }>({ max: 10_000 });

  const token = (claims: Pick<Claims, 'sub' | 'role' | 'act' | 'sid' | 'ep'>, ttlMs: number): string => {
    const at = now();
    return encodeJwt(
      { iss: issuer, aud: AUDIENCE, ...claims, iat: Math.floor(at / 1_000), exp: Math.ceil((at + ttlMs) / 1_000) },
      key,
    );
  };

  return {
    accessToken: ({ userId, ttlMs, session }) =>
      token({ sub: userId, role: 'user', ...(session && { sid: session.id, ep: session.epoch }) }, ttlMs),
    adminToken: ({ ttlMs }) => token({ sub: 'admin', role: 'admin' }, ttlMs),
    serviceToken(userId = '') {
      const at = now();
      const known = made.get(userId);
      if (known && at - known.at < REUSED_MS) return known.token;
      const fresh = token({ sub: issuer, role: 'service', ...(userId !== '' && { act: userId }) }, SERVICE_TOKEN_MS);
      made.set(userId, { token: fresh, at });
      return fresh;
    },
  };
};

const privateKey = (issuer: string, encoded: string): KeyObject => {
  try {
    const key = createPrivateKey({ key: Buffer.from(encoded, 'base64url'), type: 'pkcs8', format: 'der' });
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // What OpenSSL says of it helps nobody.
  }
  throw new Error(`the signing key of ${issuer} is no Ed25519 private key (PKCS 8 DER in base64url)`);
};

/** For `createClient`: the service's own token, which names the user of the call that it works on. */
export const serviceToken =
  (signer: Signer) =>
  ({ caller }: Context): string =>
    signer.serviceToken(caller.kind === 'user' || caller.kind === 'service' ? caller.userId : undefined);
