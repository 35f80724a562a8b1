import { newId } from '@plaza/core';
import { update } from '@plaza/dynamo';
import type { CreateUserRequest } from '@plaza/proto/plaza/user/v1/user_service';
import { asAdmin, testContext } from '@plaza/testing';

import { keys, usersTable } from '../src/store/table.ts';
import type { Service } from './service.ts';

/** A registration that clashes with no other. */
export const registration = (changes: Partial<CreateUserRequest> = {}): CreateUserRequest => {
  const username = `user_${newId().slice(-12).toLowerCase()}`;
  return {
    username,
    email: `${username}@example.org`,
    password: '',
    displayName: 'A User',
    bio: '',
    requestId: newId(),
    ...changes,
  };
};

export const euro = (units: number, cents = 0) => ({ currencyCode: 'EUR', units: BigInt(units), nanos: cents * 10_000_000 });

/** Registers people without passwords, each with this many euros, and answers their ids. */
export const people = async ({ users, wallets }: Service, count: number, euros = 0): Promise<string[]> => {
  const requests = Array.from({ length: count }, () => registration());
  const { results } = await users.batchCreateUsers(asAdmin(30_000), { users: requests });
  const ids = results.map(({ result }) => (result?.$case === 'user' ? result.value.userId : ''));
  if (euros > 0)
    await Promise.all(
      ids.map((userId) =>
        wallets.creditWallet(asAdmin(30_000), { userId, amount: euro(euros), reason: 'gift', requestId: newId() }),
      ),
    );
  return ids;
};

/** As if a deleted person had been deleted so long ago. Tokens live by the clock, so that cannot be moved. */
export const backdate = async ({ app }: Service, userId: string, agoMs: number): Promise<void> => {
  await app.db.write(testContext(), update(usersTable, keys.profile(userId), { set: { deletedAt: Date.now() - agoMs } }));
};

/** The AppError that a call ends with. */
export const refusal = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'no refusal',
    (error: unknown) => error,
  );
