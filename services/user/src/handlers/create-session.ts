import { crashPoint, mutationOf } from '@plaza/core';

import { badCredentials } from '../domain/errors.ts';
import { newGrant } from '../domain/session.ts';
import { tokensOf } from '../tokens.ts';
import type { Deps, SessionHandlers } from './index.ts';

export const createSession =
  (deps: Deps): SessionHandlers['createSession'] =>
  async (ctx, { login, password, requestId }) => {
    const { credentials, sessions, passwords, secrets, newId, now } = deps;
    const credential = await credentials.find(ctx, login);
    const genuine = await passwords.verify(ctx, password, credential?.hash);
    const closed = credential?.login.closedAt !== undefined;
    if (!genuine || closed || credential?.hash === undefined) throw badCredentials();

    const { userId, hash } = credential;
    if (passwords.outdated(hash)) await credentials.replaceHash(ctx, userId, hash, await passwords.hash(ctx, password));

    const at = now();
    const origin = { userId, familyId: newId(), startedAt: at, epoch: credential.login.epoch };
    const mutation = mutationOf(ctx, requestId, { login, password: secrets.fingerprint(password) });
    const grant = await sessions.open(ctx, mutation, newGrant(origin, secrets.newSeed(), at));
    crashPoint('user.after-session');
    return tokensOf(deps, grant);
  };
