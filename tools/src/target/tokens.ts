import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { Caller, Context, Env } from '@plaza/core';
import { createSigner } from '@plaza/rpc';
import { createKeys } from '@plaza/testing';

import { loadSecrets } from '../launcher/home.ts';
import { Trouble } from './trouble.ts';

/** The token that proves the context's caller; undefined for nobody. @throws Trouble when there is no key to sign it with. */
export type TokenOf = (ctx: Pick<Context, 'caller'>) => string | undefined;

const MINUTE_MS = 60_000;

/**
 * An admin's TOKEN, as the environment has it; else whatever SIGNING_KEY can vouch for: the user service's for people and admins, any
 * service's for itself; else the keys of the installation in `home`.
 */
export const createTokens = (env: Env, home: string | undefined): TokenOf => {
  const { TOKEN: token, SIGNING_KEY: signingKey } = env;
  let known: TokenOf | undefined;
  return (ctx) => {
    if (ctx.caller.kind === 'anonymous') return undefined;
    if (token && ctx.caller.kind === 'admin') return token;
    known ??= signingKey ? signedWith(signingKey) : installation(home);
    return known(ctx);
  };
};

const signedWith =
  (signingKey: string): TokenOf =>
  ({ caller }) => {
    const signer = createSigner({ issuer: caller.kind === 'service' ? caller.service : 'user', signingKey });
    if (caller.kind === 'admin') return signer.adminToken({ ttlMs: 15 * MINUTE_MS });
    if (caller.kind === 'user') return signer.accessToken({ userId: caller.userId, ttlMs: 15 * MINUTE_MS });
    return caller.kind === 'service' ? signer.serviceToken(caller.userId) : undefined;
  };

const installation = (home: string | undefined): TokenOf => {
  if (home === undefined || !existsSync(join(home, 'keys.json')))
    return ({ caller }) => {
      throw noKey(caller, 'there is no keys.json of an installation');
    };
  const { tokenOf } = createKeys(loadSecrets(home).keyring);
  return tokenOf;
};

const noKey = (caller: Caller, why: string): Trouble =>
  new Trouble(`no token for ${caller.kind === 'service' ? `the service ${caller.service}` : `${caller.kind}`}: ${why}`, [
    'the Plaza of this machine: npm start makes its keys',
    'another one: TOKEN=<an admin’s token>, or SIGNING_KEY=<the user service’s key; for --as service:<name> that service’s>',
    'without a token: --as nobody',
  ]);
