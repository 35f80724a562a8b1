import { crashPoint, type Clock, type Context } from '@plaza/core';
import { insert, lostRace, type Db } from '@plaza/dynamo';
import { followsImported, outboxRow, type Relay } from '@plaza/events';

import { nextVersion, type Edge } from '../domain/edge.ts';
import { newEdges, NOTHING, type ImportPlan, type Receipt } from '../domain/import.ts';
import { countOf, countOp, edgeInserts } from './edge-rows.ts';
import { graph, keys } from './table.ts';

const MAX_TRIES = 20;

export type ImportStore = ReturnType<typeof createImportStore>;

export const createImportStore = (deps: { db: Db; relay: Pick<Relay, 'nudge'>; now: Clock; followLimit: number }) => {
  const { db, relay, now } = deps;

  /** All edges, their count and one event, or nothing. */
  const write = async (ctx: Context, followerId: string, edges: readonly Edge[], version: number): Promise<boolean> => {
    const at = now();
    const event = outboxRow(
      followsImported,
      { followerId, followeeIds: edges.map(({ followeeId }) => followeeId), followTime: new Date(at) },
      { aggregateId: followerId, version, at, trace: ctx.trace },
    );
    const { ok } = await db.transact(ctx, [
      ...edges.flatMap((edge) => edgeInserts(edge, version, at)),
      countOp(followerId, edges.length, version, { limit: deps.followLimit }),
      insert(graph, event),
    ]);
    if (!ok) return false;
    crashPoint('graph.after-import-message');
    relay.nudge([event]);
    return true;
  };

  /** What stands in the way of writing everything: edges that exist, the count, its version. */
  const look = async (ctx: Context, { followerId, followeeIds }: ImportPlan) => {
    const rows = await db.batchGet(ctx, graph, [
      keys.followingCount(followerId),
      ...followeeIds.map((followeeId) => keys.following(followerId, followeeId)),
    ]);
    return { ...countOf(rows[0]), followed: new Set(followeeIds.filter((_, i) => rows[i + 1])) };
  };

  return {
    /** Writes one message. Sent again, it finds its own edges and changes nothing. */
    async add(ctx: Context, plan: ImportPlan): Promise<Receipt> {
      if (plan.followeeIds.length === 0) return { ...NOTHING, refused: plan.refused };
      // Most messages of an import are new: the first try reads nothing.
      let state = { followed: new Set<string>(), following: 0, version: undefined as number | undefined };
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const { edges, unchanged, refused } = newEdges(plan, { ...state, limit: deps.followLimit });
        const version = nextVersion(now(), state.version);
        if (edges.length === 0 || (await write(ctx, plan.followerId, edges, version)))
          return { created: edges.length, unchanged, refused: plan.refused + refused };
        state = await look(ctx, plan);
      }
      throw lostRace();
    },
  };
};
