import { crashPoint, type Clock, type Context } from '@plaza/core';
import type { Db } from '@plaza/dynamo';
import type { Relay } from '@plaza/events';

import { granted } from '../domain/plan.ts';
import type { ListStore } from './list-store.ts';
import { createManyTies } from './many-ties.ts';
import { keys } from './table.ts';
import { asOfIn, sinceIn } from './tie-rows.ts';

/** Of one transaction: of each request and follow five rows, two events and the requester's ties, which makes 96. */
const BATCH = 12;
/** Batches that are written at a time: no two write the same row. */
const IN_FLIGHT = 4;

export type GrantStore = ReturnType<typeof createGrantStore>;

/** Whoever asked to follow an account that went public since follows it. */
export const createGrantStore = (options: {
  db: Db;
  relay: Pick<Relay, 'nudge'>;
  now: Clock;
  lists: ListStore;
  followLimit: number;
}) => {
  const { db, relay, now, lists, followLimit } = options;
  const change = createManyTies({ db, relay, now, committed: () => crashPoint('graph.after-approve') });

  return {
    /**
     * Grants the requests that were made before the account was public by this version of its profile. Who asked later asked
     * whom was private again, and waits. So the order in which changes of the profile are heard does not matter, nor do clocks.
     */
    async grant(ctx: Context, userId: string, asOf: number): Promise<void> {
      const range = { size: BATCH * IN_FLIGHT, after: undefined };
      for await (const rows of lists.oldest(ctx, 'RQ_IN', userId, range)) {
        const asked = rows.filter(({ row }) => asOfIn(row) < asOf).map((row) => row.userId);
        const batches = Array.from({ length: Math.ceil(asked.length / BATCH) }, (_, i) =>
          asked.slice(i * BATCH, (i + 1) * BATCH),
        );
        await Promise.all(
          batches.map((otherIds) =>
            change(ctx, {
              userId,
              otherIds,
              size: BATCH,
              tie: (otherId) => keys.requested(otherId, userId),
              steps: (other, row) =>
                asOfIn(row) < asOf
                  ? granted({ from: other.userId, to: userId, was: sinceIn(row)! }, other.following, followLimit)
                  : [],
            }),
          ),
        );
      }
    },
  };
};
