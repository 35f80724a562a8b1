import { callerKey, type Caller, type Context } from '@plaza/core';
import { createSigner, createVerifier, generateKeyring, type Signer, type Verifier } from '@plaza/rpc';

import { SERVICES, type ServiceName } from './names.ts';

export type Keyring = ReturnType<typeof generateKeyring>;

/** One keyring and whatever can be signed with it. */
export interface Keys {
  readonly keyring: Keyring;
  readonly verifier: Verifier;
  readonly signers: Readonly<Record<ServiceName, Signer>>;
  adminToken(): string;
  userToken(userId: string): string;
  /** The token that proves `ctx.caller`, for `createClient`; undefined for nobody. */
  readonly tokenOf: (ctx: Pick<Context, 'caller'>) => string | undefined;
}

const HOUR = 3_600_000;

export const createKeys = (keyring: Keyring): Keys => {
  const signers = Object.fromEntries(
    SERVICES.map((issuer) => [issuer, createSigner({ issuer, signingKey: keyring.signingKeys[issuer] ?? '' })]),
  ) as Record<ServiceName, Signer>;
  const sign = (caller: Caller): string | undefined => {
    switch (caller.kind) {
      case 'user':
        return signers.user.accessToken({ userId: caller.userId, ttlMs: HOUR });
      case 'admin':
        return signers.user.adminToken({ ttlMs: HOUR });
      case 'service':
        return signers[caller.service as ServiceName].serviceToken(caller.userId);
      case 'anonymous':
        return undefined;
    }
  };
  const tokenOf = cached(sign);
  return {
    keyring,
    verifier: createVerifier(keyring.verifyKeys),
    signers,
    adminToken: () => tokenOf({ kind: 'admin' }) ?? '',
    userToken: (userId) => tokenOf({ kind: 'user', userId }) ?? '',
    tokenOf: ({ caller }) => tokenOf(caller),
  };
};

/** Signing costs more than a test's whole call otherwise would. A service's token is good for 60 s only. */
const KEEP_MS = 25_000;

const cached = (sign: (caller: Caller) => string | undefined) => {
  const tokens = new Map<string, { token: string | undefined; until: number }>();
  return (caller: Caller): string | undefined => {
    const key = callerKey(caller);
    const known = tokens.get(key);
    if (known && known.until > Date.now()) return known.token;
    const token = sign(caller);
    tokens.set(key, { token, until: Date.now() + KEEP_MS });
    return token;
  };
};

let shared: Keys | undefined;

/** One generated keyring for this process: stub peers, services in the same process and test clients trust each other. */
export const testKeys = (): Keys => (shared ??= createKeys(generateKeyring(SERVICES)));
