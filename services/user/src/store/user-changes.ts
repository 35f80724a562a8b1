import { crashPoint, type Clock, type Context, type Mutation } from '@plaza/core';
import type { Relay } from '@plaza/events';

import { emailTaken, usernameTaken } from '../domain/errors.ts';
import { changedUser, userToChange, type User, type UserChanges, type UserPath } from '../domain/user.ts';
import { keys } from './table.ts';
import { renameRows, updatedEvent } from './user-rows.ts';
import type { Change, UserWrites } from './user-writes.ts';

/** The first answer as the request row keeps it: no e-mail is stored twice. */
type Told = Omit<User, 'email'>;

export type UserChangeStore = ReturnType<typeof createUserChangeStore>;

export const createUserChangeStore = (options: {
  write: UserWrites;
  tellStanding: (ctx: Context, user: User) => Promise<void>;
  relay: Pick<Relay, 'nudge'>;
  now: Clock;
}) => {
  const { write, tellStanding, relay, now } = options;

  /**
   * Changes what `paths` names. A new name is taken and the old one let go in the same transaction. A repeated request gets the
   * first answer, but an e-mail address that was changed since as it is now: the old one is stored nowhere.
   * @throws NOT_FOUND USER_NOT_FOUND, ABORTED ETAG_MISMATCH, ALREADY_EXISTS USERNAME_TAKEN or EMAIL_TAKEN; UNAVAILABLE
   * PEER_UNAVAILABLE when the change is made, but the graph could not be told who is private now
   */
  const change = async (
    ctx: Context,
    mutation: Mutation,
    { userId, etag, paths, changes }: { userId: string; etag: string; paths: readonly UserPath[]; changes: UserChanges },
  ): Promise<User> => {
    const decide = async (user: User | undefined): Promise<Change<Told>> => {
      const before = userToChange(user, etag);
      const after = changedUser(before, paths, changes, now());
      const { email: _, ...reply } = after;
      return {
        before,
        after,
        rows: renameRows(before, after),
        events: [updatedEvent(ctx, after, paths)],
        reply,
        refusal: (broken) => {
          if (broken.has(keys.username(after.username).pk)) return usernameTaken(after.username);
          return broken.has(keys.email(after.email).pk) ? emailTaken() : undefined;
        },
      };
    };
    const committed = () => crashPoint('user.after-update');
    const { reply, user, events } = await write(ctx, mutation, userId, { decide, committed });
    relay.nudge(events);
    // Also when it is repeated: the one before may have died in between.
    if (user && paths.includes('is_private')) await tellStanding(ctx, user);
    return { ...reply, email: paths.includes('email') ? changes.email : (user?.email ?? '') };
  };

  return { change };
};
