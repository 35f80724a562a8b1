import type { CreateSessionResponse } from '@plaza/proto/plaza/user/v1/session_service';

import { accessTtlMs, type Grant } from './domain/session.ts';
import type { Deps } from './handlers/index.ts';
import { tokensMessage } from './mapping.ts';

/** The pair of tokens that a grant stands for; the answer of CreateSession and of RefreshSession. */
export const tokensOf = ({ secrets, signer, now }: Deps, grant: Grant): CreateSessionResponse => {
  const { userId, familyId, epoch } = grant;
  const accessToken = signer.accessToken({ userId, ttlMs: accessTtlMs(grant, now()), session: { id: familyId, epoch } });
  return { userId, tokens: tokensMessage(grant, accessToken, secrets.refreshToken(grant)) };
};
