import { crashPoint, mutationOf } from '@plaza/core';

import { badCredentials } from '../domain/errors.ts';
import { accessTtlMs, newGrant } from '../domain/session.ts';
import { tokensMessage } from '../mapping.ts';
import type { Deps, SessionHandlers } from './index.ts';

export const createSession =
  ({ credentials, sessions, passwords, secrets, signer, newId, now }: Deps): SessionHandlers['createSession'] =>
  async (ctx, { login, password, requestId }) => {
    const credential = await credentials.find(ctx, login);
    const genuine = await passwords.verify(ctx, password, credential?.hash);
    if (!genuine || credential?.hash === undefined) throw badCredentials();

    const { userId, hash } = credential;
    if (passwords.outdated(hash)) await credentials.replaceHash(ctx, userId, hash, await passwords.hash(ctx, password));

    const at = now();
    const mutation = mutationOf(ctx, requestId, { login, password: secrets.fingerprint(password) });
    const grant = await sessions.open(
      ctx,
      mutation,
      newGrant({ userId, familyId: newId(), startedAt: at }, secrets.newSeed(), at),
    );
    crashPoint('user.after-session');

    const accessToken = signer.accessToken({ userId, ttlMs: accessTtlMs(grant, now()) });
    return { userId, tokens: tokensMessage(grant, accessToken, secrets.refreshToken(grant)) };
  };
