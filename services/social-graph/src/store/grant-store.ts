import { crashPoint, type Clock, type Context } from '@plaza/core';
import { all, check, eq, type Db } from '@plaza/dynamo';
import type { Relay } from '@plaza/events';

import { granted } from '../domain/plan.ts';
import type { ListStore } from './list-store.ts';
import { createManyTies } from './many-ties.ts';
import type { StandingStore } from './standing-store.ts';
import { graph, keys } from './table.ts';
import { sinceIn } from './tie-rows.ts';

/** Of one transaction: of each request and follow five rows, two events and the requester's ties, which makes 96, and the standing. */
const BATCH = 12;
/** Requests read at a time. */
const CHUNK = 48;

export type GrantStore = ReturnType<typeof createGrantStore>;

/** Whoever asked to follow an account that is public now follows it. */
export const createGrantStore = (options: {
  db: Db;
  relay: Pick<Relay, 'nudge'>;
  now: Clock;
  lists: ListStore;
  standings: Pick<StandingStore, 'of'>;
  followLimit: number;
}) => {
  const { db, relay, now, lists, standings, followLimit } = options;
  const change = createManyTies({ db, relay, now, committed: () => crashPoint('graph.after-approve') });

  const isOpen = async (ctx: Context, userId: string): Promise<boolean> => {
    const standing = (await standings.of(ctx, [userId])).get(userId);
    return standing?.isPrivate === false && !standing.gone;
  };
  const stillOpen = (userId: string) => check(graph, keys.standing(userId), all(eq('isPrivate', false), eq('gone', false)));

  return {
    /**
     * Grants all requests while the account is public, which is a condition of every write: what is left when it turns private again
     * goes on waiting, as every reader says from then on. So the order in which changes of the profile are heard does not matter.
     * One batch after the other, since all of them hold that condition against the same row.
     */
    async grant(ctx: Context, userId: string): Promise<void> {
      for await (const rows of lists.oldest(ctx, 'RQ_IN', userId, { size: CHUNK, after: undefined })) {
        if (!(await isOpen(ctx, userId))) return;
        await change(ctx, {
          userId,
          otherIds: rows.map((row) => row.userId),
          size: BATCH,
          tie: (otherId) => keys.requested(otherId, userId),
          steps: (other, row) => granted({ from: other.userId, to: userId, was: sinceIn(row)! }, other.following, followLimit),
          beside: () => [stillOpen(userId)],
        });
      }
    },
  };
};
