import { crashPoint, type Clock, type Context } from '@plaza/core';
import { createTally, type Db } from '@plaza/dynamo';
import { appliedRow } from '@plaza/events';

import type { Counts } from '../../domain/posts/look.ts';
import { keys, postsTable } from '../table.ts';

/** By how much one happening moves the counts of one post. */
export interface CountMove extends Partial<Counts> {
  readonly postId: string;
}

/** One event or task, as the counts of posts take it. */
export interface Happening {
  /** Who counts: another consumer of the same event counts it again. */
  readonly durable: string;
  readonly eventId: string;
  /** Each post once, at most 99. */
  readonly adds: readonly CountMove[];
}

export type CountStore = ReturnType<typeof createCountStore>;

/** What people did with posts, each happening once, however often and in whatever order it is told. */
export const createCountStore = ({ db, now }: { db: Db; now: Clock }) => {
  const tally = createTally({ db, table: postsTable, committed: () => crashPoint('feed.after-count') });
  return {
    /** Resolves when the happening is counted. `moves` grows with each, so that who recounts sees that something moved. */
    apply: (ctx: Context, { durable, eventId, adds }: Happening): Promise<void> =>
      tally.apply(ctx, {
        mark: appliedRow(durable, eventId, now()),
        additions: adds.map(({ postId, ...counts }) => ({ key: keys.counts(postId), add: { ...counts, moves: 1 } })),
      }),
  };
};
