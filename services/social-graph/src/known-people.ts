import type { UserClients } from '@plaza/clients';
import type { Clock, Context } from '@plaza/core';

/** How long nobody is asked for again. */
const KNOWN_MS = 5_000;

export interface Acquaintance {
  /** When the oldest answer was asked for, epoch milliseconds. */
  readonly asOf: number;
  readonly isUser: (userId: string) => boolean;
}

export type KnownPeople = ReturnType<typeof createKnownPeople>;

/** Who exists, as the user service says, for one import: people come up in it again and again, and are asked for once in a while. */
export const createKnownPeople = ({ users, now }: { users: Pick<UserClients['users'], 'batchGetUsers'>; now: Clock }) => {
  // Two generations: who has not come up for a while is forgotten, however long an import runs.
  let [recent, earlier] = [new Map<string, number>(), new Map<string, number>()];
  let began = now();
  const age = (at: number) => {
    if (at - began < KNOWN_MS) return;
    [recent, earlier] = [new Map<string, number>(), recent];
    began = at;
  };
  return {
    learn: async (ctx: Context, ids: readonly string[]): Promise<Acquaintance> => {
      const askedAt = now();
      age(askedAt);
      const known = new Map<string, number>();
      const userIds: string[] = [];
      for (const id of new Set(ids)) {
        const at = recent.get(id) ?? earlier.get(id) ?? 0;
        if (at < askedAt - KNOWN_MS) userIds.push(id);
        else known.set(id, at);
      }
      if (userIds.length > 0) {
        const { users: found } = await users.batchGetUsers(ctx, { userIds });
        for (const { userId } of found) {
          recent.set(userId, askedAt);
          known.set(userId, askedAt);
        }
      }
      return { asOf: Math.min(askedAt, ...known.values()), isUser: (id) => known.has(id) };
    },
  };
};
