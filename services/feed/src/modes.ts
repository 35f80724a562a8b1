import type { GraphClients } from '@plaza/clients';
import { errorFields, firstIdAt, type Clock, type Context } from '@plaza/core';
import { modeChunk, type Bus } from '@plaza/events';

import { CHUNK_VIEWERS, chunksOf } from './domain/home/fan-out.ts';
import {
  COUNTED_A_DAY,
  isHeavy,
  rateMatters,
  turnOf,
  type Load,
  type Mode,
  type SourceMode,
  type Thresholds,
} from './domain/home/mode.ts';
import { isComplete } from './domain/home/receipt.ts';
import type { ModeStore } from './store/home/mode-store.ts';
import type { ReceiptStore } from './store/home/receipt-store.ts';
import type { SourceTimelines } from './store/home/source-timelines.ts';

const DAY_MS = 24 * 3_600_000;
/** A turn to PUSH is asked for again for so long, while its receipt is kept; a mark that stays then costs a little, and hides nothing. */
const ASKED_AGAIN_MS = 7 * DAY_MS;
/** Each of these feeds gets up to a hundred rows. */
const CHUNK_TO_PUSH = 50;

/** How many follow somebody; may be a little old. */
export type CountFollowers = (ctx: Context, userId: string) => Promise<number>;

export const createCountFollowers =
  (graph: Pick<GraphClients['graph'], 'batchGetCounts'>): CountFollowers =>
  async (ctx, userId) =>
    Number((await graph.batchGetCounts(ctx, { userIds: [userId] })).counts[0]?.followers ?? 0);

/** Who follows a person, by a strongly consistent read. */
export type FollowersOfPerson = (ctx: Context, userId: string) => AsyncIterable<{ readonly followerIds: readonly string[] }>;

export interface Decision {
  readonly mode: Mode;
  readonly followers: number;
}

export type Modes = ReturnType<typeof createModes>;

/** Decides at each planning how a person's entries reach feeds, and brings about the turn. Why that loses nothing: see turning.ts. */
export const createModes = (deps: {
  modes: ModeStore;
  timelines: Pick<SourceTimelines, 'fromTable'>;
  receipts: ReceiptStore;
  followersOf: FollowersOfPerson;
  countFollowers: CountFollowers;
  tasks: Pick<Bus, 'enqueue'>;
  thresholds: Thresholds;
  now: Clock;
  newId: () => string;
}) => {
  const { modes, timelines, receipts, followersOf, countFollowers, tasks, thresholds, now, newId } = deps;

  const loadOf = async (ctx: Context, sourceId: string, before: SourceMode | undefined): Promise<Load> => {
    const followers = await countFollowers(ctx, sourceId).catch((error: unknown) => {
      ctx.log.warn('feed.followers_not_counted', errorFields(error));
      return before?.followers ?? 0;
    });
    let postsPerDay = 0;
    if (rateMatters(followers, thresholds)) {
      const since = firstIdAt(now() - DAY_MS);
      const { ids } = await timelines.fromTable(ctx, sourceId, { limit: COUNTED_A_DAY });
      postsPerDay = ids.filter((id) => id >= since).length;
    }
    return { followers, postsPerDay, active: Math.min(followers, await activeOf(ctx, before, followers)) };
  };

  const activeOf = async (ctx: Context, before: SourceMode | undefined, followers: number): Promise<number> => {
    if (before === undefined) return followers;
    // Nothing is pushed in PULL that could be counted.
    if (before.mode === 'PULL') return before.active;
    const receipt = await receipts.get(ctx, before.lastEntry);
    return receipt !== undefined && isComplete(receipt) ? receipt.pushed : before.active;
  };

  /** Whether every feed has followed the last turn. */
  const isDone = async (ctx: Context, before: SourceMode | undefined): Promise<boolean> => {
    if (before === undefined || before.planId === '' || before.mode === 'PULL') return true;
    if (before.mode === 'PUSH' && now() - before.decidedAt > ASKED_AGAIN_MS) return true;
    const receipt = await receipts.get(ctx, before.planId);
    return isComplete(receipt) || (before.mode === 'PUSH' && receipt?.chunks === 0);
  };

  const enqueue = async (ctx: Context, sourceId: string, { mode, planId }: SourceMode): Promise<void> => {
    let chunk = 0;
    const followers = async function* () {
      for await (const { followerIds } of followersOf(ctx, sourceId)) yield followerIds;
    };
    for await (const viewerIds of chunksOf([], followers(), mode === 'PUSH' ? CHUNK_TO_PUSH : CHUNK_VIEWERS)) {
      await tasks.enqueue(modeChunk, { sourceId, chunk, viewerIds, planId }, { id: `${planId}/${chunk}`, trace: ctx.trace });
      chunk++;
    }
    await receipts.planned(ctx, planId, planId, chunk);
  };

  return {
    /** After the entry was committed. */
    async decide(ctx: Context, sourceId: string, entry: string): Promise<Decision> {
      const before = await modes.get(ctx, sourceId);
      const load = await loadOf(ctx, sourceId, before);
      // For most people no row is ever needed.
      if (before === undefined && load.followers <= CHUNK_VIEWERS && !isHeavy('PUSH', load, thresholds))
        return { mode: 'PUSH', followers: load.followers };
      const turn = turnOf(before, load, await isDone(ctx, before), now(), thresholds);
      const stays = { mode: before?.mode ?? 'PUSH', planId: before?.planId ?? '', decidedAt: before?.decidedAt ?? now() };
      const turns = turn && { mode: MODE_AFTER[turn], planId: newId(), decidedAt: now() };
      const next = { ...stays, ...turns, ...load, lastEntry: entry };
      if (!(await modes.decide(ctx, sourceId, before, next)))
        // Somebody else has decided, later than this entry was committed: good for it too.
        return { mode: (await modes.get(ctx, sourceId))?.mode ?? 'PUSH', followers: load.followers };
      if (turn === 'MARK' || turn === 'PUSH') await enqueue(ctx, sourceId, { ...next, version: 0 });
      return { mode: next.mode, followers: load.followers };
    },

    async isPulled(ctx: Context, sourceId: string): Promise<boolean> {
      return (await modes.get(ctx, sourceId))?.mode === 'PULL';
    },
  };
};

const MODE_AFTER = { MARK: 'MARKING', PULL: 'PULL', PUSH: 'PUSH' } as const;
