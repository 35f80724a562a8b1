import type { UserClients } from '@plaza/clients';
import type { Context } from '@plaza/core';

import { userNotFound } from './domain/errors.ts';

export type People = ReturnType<typeof createPeople>;

/** Who exists, as the user service says. How they stand is known here. */
export const createPeople = ({ users }: { users: Pick<UserClients['users'], 'batchGetUsers'> }) => ({
  /** @throws AppError NOT_FOUND USER_NOT_FOUND for the first of them who is not there */
  async mustExist(ctx: Context, userIds: string[]): Promise<void> {
    const { missingIds } = await users.batchGetUsers(ctx, { userIds });
    if (missingIds[0] !== undefined) throw userNotFound(missingIds[0]);
  },
});
