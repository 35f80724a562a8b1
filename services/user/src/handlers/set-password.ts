import { mutationOf } from '@plaza/core';

import { passwordWrong } from '../domain/errors.ts';
import { assertUncommon } from '../domain/password-policy.ts';
import type { Deps, UserHandlers } from './index.ts';

export const setPassword =
  ({ credentials, passwords, secrets }: Deps): UserHandlers['setPassword'] =>
  async (ctx, { userId, currentPassword, newPassword, requestId }) => {
    assertUncommon(newPassword, 'new_password');
    const [current, next] = [currentPassword, newPassword].map((password) => secrets.fingerprint(password));
    const mutation = mutationOf(ctx, requestId, { userId, current, next });
    await credentials.setPassword(ctx, mutation, userId, async (hash) => {
      const proven = ctx.caller.kind === 'admin' || (await passwords.verify(ctx, currentPassword, hash));
      if (!proven) throw passwordWrong();
      return passwords.hash(ctx, newPassword);
    });
    return {};
  };
