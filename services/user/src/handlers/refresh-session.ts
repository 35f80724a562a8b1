import { crashPoint, mutationOf } from '@plaza/core';

import { accessTtlMs, newGrant } from '../domain/session.ts';
import { tokensMessage } from '../mapping.ts';
import type { Deps, SessionHandlers } from './index.ts';

export const refreshSession =
  ({ sessions, secrets, signer, now }: Deps): SessionHandlers['refreshSession'] =>
  async (ctx, { refreshToken, requestId }) => {
    const digest = secrets.digest(refreshToken);
    const mutation = mutationOf(ctx, requestId, { digest });
    const grant = await sessions.refresh(ctx, mutation, digest, (old) => newGrant(old, secrets.newSeed(), now()));
    crashPoint('user.after-refresh');

    const { userId } = grant;
    const accessToken = signer.accessToken({ userId, ttlMs: accessTtlMs(grant, now()) });
    return { userId, tokens: tokensMessage(grant, accessToken, secrets.refreshToken(grant)) };
  };
