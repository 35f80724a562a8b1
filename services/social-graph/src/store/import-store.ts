import { crashPoint, type Clock, type Context } from '@plaza/core';
import { insert, lostRace, type Db, type WriteOp } from '@plaza/dynamo';
import { followsImported, outboxRow, type OutboxRow, type Relay } from '@plaza/events';

import { decide, inParts, type Row } from '../domain/import.ts';
import { nextVersion, type Pair, type Person } from '../domain/tie.ts';
import { standingIn } from './standing-rows.ts';
import { graph, keys } from './table.ts';
import { followsGained, sinceIn, stepEvent, stepRows, tiesIn, tiesOp } from './tie-rows.ts';

const MAX_TRIES = 20;

export type ImportStore = ReturnType<typeof createImportStore>;

export const createImportStore = (deps: { db: Db; relay: Pick<Relay, 'nudge'>; now: Clock; followLimit: number }) => {
  const { db, relay, now, followLimit } = deps;

  /** How follower and followees stand. The version is read first: what is read after it is as old as it, or newer. */
  const look = async (ctx: Context, followerId: string, ids: readonly string[]): Promise<Look> => {
    const rows = await db.batchGet(ctx, graph, [keys.ties(followerId), ...[followerId, ...ids].map(keys.standing)]);
    const one: Person = { userId: followerId, ...tiesIn(rows[0]), standing: standingIn(rows[1]) };
    // Who never had a tie has none now: to most messages of an import this is all there is to read.
    const ties =
      one.version === undefined
        ? []
        : await db.batchGet(
            ctx,
            graph,
            ids.flatMap((id) => [
              keys.following(followerId, id),
              keys.requested(followerId, id),
              keys.blocking(followerId, id),
              keys.blockedBy(followerId, id),
            ]),
          );
    const pairs = ids.map((userId, i): Pair => {
      const [follows, requested, blocks, blockedBy] = ties.slice(4 * i, 4 * i + 4).map(sinceIn);
      const other: Person = { userId, version: undefined, following: 0, standing: standingIn(rows[i + 2]) };
      return { one, other, follows, requested, blocks, blockedBy };
    });
    return { one, pairs: new Map(ids.map((id, i) => [id, pairs[i]!])) };
  };

  /** All steps of a part, its events and the version of the follower's ties, or nothing. */
  const draft = (ctx: Context, one: Ties, part: readonly Row[]): Draft => {
    const at = now();
    const version = nextVersion(at, one.version);
    const moment = { version, at, trace: ctx.trace };
    const steps = part.flatMap((row) => row.steps);
    const followeeIds = steps.flatMap((step) => (step.kind === 'follow' ? step.to : []));
    const told = { followerId: one.userId, followeeIds, followTime: new Date(at) };
    const events = [
      ...steps.filter(({ kind }) => kind !== 'follow').map((step) => stepEvent(step, moment)),
      ...(followeeIds.length > 0 ? [outboxRow(followsImported, told, { aggregateId: one.userId, ...moment })] : []),
    ];
    const ops = [
      tiesOp(one, version, followsGained(one.userId, steps)),
      ...steps.flatMap((step) => stepRows(step, moment)),
      ...events.map((event) => insert(graph, event)),
    ];
    return { ops, events, version };
  };

  /** Writes parts one after the other, each at the version that the one before left; gives back the rows up to a lost race. */
  const write = async (ctx: Context, { userId, version }: Ties, parts: readonly (readonly Row[])[]): Promise<Row[]> => {
    const done: Row[] = [];
    for (const part of parts) {
      if (part.some(({ steps }) => steps.length > 0)) {
        const { ops, events, version: next } = draft(ctx, { userId, version }, part);
        const { ok } = await db.transact(ctx, ops);
        if (!ok) return done;
        crashPoint('graph.after-import-message');
        relay.nudge(events);
        version = next;
      }
      done.push(...part);
    }
    return done;
  };

  return {
    /** Writes what of one message is not written yet; sent again, it finds its own follows and changes nothing. Answers all rows. */
    async add(ctx: Context, followerId: string, screened: readonly Row[]): Promise<Row[]> {
      const rows: Row[] = [];
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const left = screened.slice(rows.length);
        const ids = left.filter(({ refused }) => refused === undefined).map(({ followeeId }) => followeeId);
        if (ids.length === 0) return [...rows, ...left];
        const { one, pairs } = await look(ctx, followerId, ids);
        rows.push(...(await write(ctx, one, inParts(decide(left, (id) => pairs.get(id)!, followLimit)))));
        if (rows.length === screened.length) return rows;
      }
      throw lostRace();
    },
  };
};

type Ties = Pick<Person, 'userId' | 'version'>;

interface Look {
  readonly one: Person;
  readonly pairs: ReadonlyMap<string, Pair>;
}

interface Draft {
  readonly ops: readonly WriteOp[];
  readonly events: readonly OutboxRow[];
  readonly version: number;
}
