import { crashPoint, mutationOf } from '@plaza/core';

import { newGrant } from '../domain/session.ts';
import { tokensOf } from '../tokens.ts';
import type { Deps, SessionHandlers } from './index.ts';

export const refreshSession =
  (deps: Deps): SessionHandlers['refreshSession'] =>
  async (ctx, { refreshToken, requestId }) => {
    const { sessions, revocations, secrets, now } = deps;
    const digest = secrets.digest(refreshToken);
    const mutation = mutationOf(ctx, requestId, { digest });
    const grant = await sessions.refresh(ctx, mutation, digest, {
      renew: (old) => newGrant(old, secrets.newSeed(), now()),
      onReuse: revocations.endStolen,
    });
    crashPoint('user.after-refresh');
    return tokensOf(deps, grant);
  };
