import { assertAlive, type Clock, type Context } from '@plaza/core';
import { insert, lostRace, remove, ttl, update, type Db, type Item, type WriteOp } from '@plaza/dynamo';
import { followRemoved, outboxRow, type OutboxRow, type Relay } from '@plaza/events';

import { nextVersion, type Edge } from '../domain/edge.ts';
import { countOf, countOp, edgeRemovals } from './edge-rows.ts';
import { followersOf, followingOf, graph, keys } from './table.ts';

/** Of one transaction: two rows, an event and a count each, which makes 96 and one. */
const BATCH = 24;
const MAX_TRIES = 20;
/** Longer than an event may come again. */
const KEPT_SECONDS = 30 * 24 * 3600;
/** Longer than the stream keeps events: a count of followers goes when none can move it any more. */
const COUNT_SECONDS = 8 * 24 * 3600;

export interface CutEdges {
  readonly followers: number;
  readonly following: number;
}

export type ErasureStore = ReturnType<typeof createErasureStore>;

/** Cuts every edge of a person. What was done is counted in the transaction that did it. */
export const createErasureStore = ({ db, relay, now }: { db: Db; relay: Pick<Relay, 'nudge'>; now: Clock }) => {
  const note = (userId: string, changes: { set?: { doneAt: number }; add?: Partial<Record<keyof CutEdges, number>> }): WriteOp =>
    update(graph, keys.erasure(userId), { ...changes, set: { ...changes.set, expiresAt: ttl(now(), KEPT_SECONDS) } });

  const edgesOf = async (ctx: Context, userId: string, side: keyof CutEdges, limit: number): Promise<Edge[]> => {
    const pk = side === 'followers' ? followersOf(userId) : followingOf(userId);
    const { items } = await db.query(ctx, graph, { pk, limit });
    return items.map(({ sk }) =>
      side === 'followers' ? { followerId: sk, followeeId: userId } : { followerId: userId, followeeId: sk },
    );
  };

  /** All of these edges with their counts and events, or nothing: somebody else changed one of them or a count. */
  const cut = async (ctx: Context, userId: string, side: keyof CutEdges, edges: readonly Edge[]): Promise<boolean> => {
    const byFollower = [...Map.groupBy(edges, ({ followerId }) => followerId)];
    const counts = await db.batchGet(
      ctx,
      graph,
      byFollower.map(([followerId]) => keys.followingCount(followerId)),
    );
    const at = now();
    const events: OutboxRow[] = [];
    const ops = byFollower.flatMap(([followerId, cuts], i) => {
      const first = nextVersion(at, countOf(counts[i]).version);
      events.push(
        ...cuts.map((edge, n) =>
          outboxRow(followRemoved, edge, { aggregateId: followerId, version: first + n, at, trace: ctx.trace }),
        ),
      );
      return [...cuts.flatMap(edgeRemovals), countOp(followerId, -cuts.length, first + cuts.length - 1, { first })];
    });
    const counted = note(userId, { add: { [side]: edges.length } });
    const { ok } = await db.transact(ctx, [...ops, ...events.map((event) => insert(graph, event)), counted]);
    if (ok) relay.nudge(events);
    return ok;
  };

  /** Until there are none: whatever is cut is gone from the next read. */
  const cutAll = async (ctx: Context, userId: string, side: keyof CutEdges): Promise<void> => {
    for (let size = BATCH, tries = 0; ;) {
      assertAlive(ctx);
      const edges = await edgesOf(ctx, userId, side, size);
      if (edges.length === 0) return;
      const done = await cut(ctx, userId, side, edges);
      // Followers go on following others meanwhile: one at a time, nobody else's race matters.
      size = done ? BATCH : 1;
      tries = done ? 0 : tries + 1;
      if (tries > MAX_TRIES) throw lostRace();
    }
  };

  return {
    /** How many edges were cut, once that is finished. */
    async finished(ctx: Context, userId: string): Promise<CutEdges | undefined> {
      const row = await db.get(ctx, graph, keys.erasure(userId));
      return row?.['doneAt'] === undefined ? undefined : cutIn(row);
    },

    async cutEdges(ctx: Context, userId: string): Promise<void> {
      await cutAll(ctx, userId, 'following');
      await cutAll(ctx, userId, 'followers');
    },

    /** The counts go last: events of the edges still move the number of followers, by then to 0. */
    async finish(ctx: Context, userId: string): Promise<CutEdges> {
      await db.transact(ctx, [
        remove(graph, keys.followingCount(userId)),
        update(graph, keys.followersCount(userId), { set: { expiresAt: ttl(now(), COUNT_SECONDS) } }),
        note(userId, { set: { doneAt: now() } }),
      ]);
      return cutIn(await db.get(ctx, graph, keys.erasure(userId)));
    },
  };
};

const cutIn = (row: Item | undefined): CutEdges => ({
  followers: Number(row?.['followers'] ?? 0),
  following: Number(row?.['following'] ?? 0),
});
