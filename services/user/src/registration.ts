import { mutationOf, type Context } from '@plaza/core';
import type { CreateUserRequest } from '@plaza/proto/plaza/user/v1/user_service';

import { assertUncommon } from './domain/password-policy.ts';
import { newUser } from './domain/user.ts';
import type { Deps } from './handlers/index.ts';
import type { Draft } from './store/account-rows.ts';

/**
 * A request to register, decided and ready to be stored; the one of CreateUser and each one of BatchCreateUsers.
 * @throws INVALID_ARGUMENT PASSWORD_COMMON
 */
export const draftOf = async (
  { passwords, secrets, newId, now }: Deps,
  ctx: Context,
  request: CreateUserRequest,
): Promise<Draft> => {
  const { password, requestId } = request;
  assertUncommon(password);
  return {
    mutation: mutationOf(ctx, requestId, { ...request, password: secrets.fingerprint(password) }),
    passwordHash: password === '' ? undefined : await passwords.hash(ctx, password),
    user: newUser(newId(), request, now()),
  };
};
