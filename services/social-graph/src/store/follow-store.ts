import { crashPoint, type Clock, type Context, type Mutation } from '@plaza/core';
import { absent, check, exists, insert, lostRace, once, requestRow, type Db, type WriteOp } from '@plaza/dynamo';
import { followCreated, followRemoved, outboxRow, type OutboxRow, type Relay } from '@plaza/events';

import { nextVersion, type Edge } from '../domain/edge.ts';
import { followLimit } from '../domain/errors.ts';
import { countOf, countOp, edgeInserts, edgeRemovals } from './edge-rows.ts';
import { graph, keys } from './table.ts';

/** Of one person at one time: each lost race takes another's later version. */
const MAX_TRIES = 20;

/** Places in the transaction, to tell refusals apart. */
const [EDGE_OUT, EDGE_IN, COUNT, REQUEST] = [0, 1, 2, 4];

export type FollowStore = ReturnType<typeof createFollowStore>;

export const createFollowStore = (deps: { db: Db; relay: Pick<Relay, 'nudge'>; now: Clock; followLimit: number }) => {
  const { db, relay, now } = deps;

  /** Writes the change, or finds that it stands already. Answers the event to publish. */
  const change = async (ctx: Context, mutation: Mutation, edge: Edge, kind: Kind): Promise<OutboxRow | undefined> => {
    let version = nextVersion(now(), undefined);
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const at = now();
      const event = kind.event(edge, { aggregateId: edge.followerId, version, at, trace: ctx.trace });
      const result = await db.transact(ctx, [
        ...kind.edges(edge, version, at),
        countOp(edge.followerId, kind.by, version, { limit: kind.by > 0 ? deps.followLimit : undefined }),
        insert(graph, event),
        requestRow(graph, mutation, null),
      ]);
      if (result.ok) return event;
      const refused = new Map(result.failed.map(({ index, item }) => [index, item]));
      if (refused.has(REQUEST!)) throw lostRace();
      if (refused.has(EDGE_OUT!) || refused.has(EDGE_IN!)) {
        if (await stands(ctx, mutation, edge, kind)) return undefined;
        continue;
      }
      const count = countOf(refused.get(COUNT!));
      if (kind.by > 0 && count.following >= deps.followLimit) throw followLimit(deps.followLimit);
      version = nextVersion(now(), count.version);
    }
    throw lostRace();
  };

  /** Remembers that this request changed nothing, so that repeating it after a later change changes nothing either. */
  const stands = async (ctx: Context, mutation: Mutation, edge: Edge, kind: Kind): Promise<boolean> => {
    const asWanted = check(graph, keys.following(edge.followerId, edge.followeeId), kind.by > 0 ? exists() : absent());
    const result = await db.transact(ctx, mutation.repeatable ? [asWanted, requestRow(graph, mutation, null)] : [asWanted]);
    if (!result.ok && result.failed.some(({ index }) => index === 1)) throw lostRace();
    return result.ok;
  };

  return {
    /** `admit` runs inside the guard of the request id: a repetition is answered even if it would now be refused. */
    async follow(ctx: Context, mutation: Mutation, edge: Edge, admit: () => Promise<void>): Promise<void> {
      await once(ctx, db, graph, mutation, async () => {
        await admit();
        const event = await change(ctx, mutation, edge, FOLLOW);
        crashPoint('graph.after-follow');
        if (event) relay.nudge([event]);
        return null;
      });
    },

    async unfollow(ctx: Context, mutation: Mutation, edge: Edge): Promise<void> {
      await once(ctx, db, graph, mutation, async () => {
        const event = await change(ctx, mutation, edge, UNFOLLOW);
        crashPoint('graph.after-unfollow');
        if (event) relay.nudge([event]);
        return null;
      });
    },
  };
};

interface Kind {
  readonly by: 1 | -1;
  edges(edge: Edge, version: number, at: number): WriteOp[];
  event(edge: Edge, about: About): OutboxRow;
}

type About = Parameters<typeof outboxRow>[2];

const FOLLOW: Kind = {
  by: 1,
  edges: edgeInserts,
  event: (edge, about) => outboxRow(followCreated, { ...edge, followTime: new Date(about.at) }, about),
};

const UNFOLLOW: Kind = {
  by: -1,
  edges: edgeRemovals,
  event: (edge, about) => outboxRow(followRemoved, edge, about),
};
