import type { UserClients } from '@plaza/clients';
import { isAppError, type Context } from '@plaza/core';

/** Of one post; more would be a way to call everybody. */
export const MOST_MENTIONS = 10;

/** Who has these usernames now, the first few of them. Names that nobody has are left out. */
export type Mentioned = (ctx: Context, usernames: readonly string[]) => Promise<string[]>;

/** There is no batch by username: a call each. */
export const createMentioned =
  (users: Pick<UserClients['users'], 'getUser'>): Mentioned =>
  async (ctx, usernames) => {
    const found = await Promise.all(
      usernames.slice(0, MOST_MENTIONS).map((value) =>
        users.getUser(ctx, { by: { $case: 'username', value } }).then(
          ({ user }) => user?.userId,
          (error: unknown) => {
            if (isAppError(error) && error.reason === 'USER_NOT_FOUND') return undefined;
            throw error;
          },
        ),
      ),
    );
    return [...new Set(found.filter((id) => id !== undefined))];
  };
