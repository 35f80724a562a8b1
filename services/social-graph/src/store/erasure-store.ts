import type { Clock, Context } from '@plaza/core';
import type { Db } from '@plaza/dynamo';
import type { Relay } from '@plaza/events';

export interface CutEdges {
  readonly followers: number;
  readonly following: number;
}

export type ErasureStore = ReturnType<typeof createErasureStore>;

export const createErasureStore = (_deps: { db: Db; relay: Pick<Relay, 'nudge'>; now: Clock }) => ({
  finished: async (_ctx: Context, _userId: string): Promise<CutEdges | undefined> => undefined,
  cutEdges: async (_ctx: Context, _userId: string): Promise<void> => {
    throw new Error('TODO');
  },
  finish: async (_ctx: Context, _userId: string): Promise<CutEdges> => {
    throw new Error('TODO');
  },
});
