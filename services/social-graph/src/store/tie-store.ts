import { crashPoint, type Clock, type Context, type Mutation } from '@plaza/core';
import { insert, lostRace, once, requestRow, type Db, type Value, type WriteOp } from '@plaza/dynamo';
import type { OutboxRow, Relay } from '@plaza/events';

import type { Plan } from '../domain/plan.ts';
import { nextVersion, touchedBy, type MuteScope, type Pair, type Person, type Step } from '../domain/tie.ts';
import { standingIn } from './standing-rows.ts';
import { graph, keys } from './table.ts';
import { followsGained, sinceIn, stepEvent, stepRows, tiesIn, tiesOp } from './tie-rows.ts';

/** Of one person at one time: each lost race takes another's later version. */
const MAX_TRIES = 20;

export interface Wish<R extends Value> {
  /** Who acts, and on whom: two people. */
  readonly ids: readonly [one: string, other: string];
  readonly plan: Plan;
  /** The answer, by what was between the two before and what was done. */
  readonly reply: (pair: Pair, steps: readonly Step[]) => R;
  /** Runs inside the guard of the request id: a repetition is answered even if it would now be refused. */
  readonly admit?: () => Promise<void>;
}

export type TieStore = ReturnType<typeof createTieStore>;

/** Changes ties. Everything between two people is read, decided and written at one version of each person whose ties move. */
export const createTieStore = ({ db, relay, now }: { db: Db; relay: Pick<Relay, 'nudge'>; now: Clock }) => {
  const look = async (ctx: Context, [one, other]: Wish<Value>['ids']): Promise<Pair> => {
    const rows = await db.batchGet(ctx, graph, [
      keys.ties(one),
      keys.standing(one),
      keys.ties(other),
      keys.standing(other),
      keys.following(one, other),
      keys.following(other, one),
      keys.requested(one, other),
      keys.requested(other, one),
      keys.blocking(one, other),
      keys.blocking(other, one),
      keys.muting(one, other),
    ]);
    const person = (userId: string, i: number): Person => ({ userId, ...tiesIn(rows[i]), standing: standingIn(rows[i + 1]) });
    const mute = sinceIn(rows[10]);
    return {
      one: person(one, 0),
      other: person(other, 2),
      follows: sinceIn(rows[4]),
      followedBy: sinceIn(rows[5]),
      requested: sinceIn(rows[6]),
      requestedBy: sinceIn(rows[7]),
      blocks: sinceIn(rows[8]),
      blockedBy: sinceIn(rows[9]),
      mutes: mute && { ...mute, scope: rows[10]!['scope'] as MuteScope },
    };
  };

  /** What one try would write, and the events to publish. */
  const draft = (ctx: Context, { one, other }: Pair, steps: readonly Step[]): { ops: WriteOp[]; events: OutboxRow[] } => {
    const at = now();
    const touched = new Set(steps.flatMap(touchedBy));
    const people = [one, other].filter(({ userId }) => touched.has(userId));
    const versions = new Map(people.map(({ userId, version }) => [userId, nextVersion(at, version)]));
    const moment = (step: Step) => ({ version: versions.get(step.from)!, at, trace: ctx.trace });
    const events = steps.map((step) => stepEvent(step, moment(step)));
    return {
      ops: [
        ...people.map((person) => tiesOp(person, versions.get(person.userId)!, followsGained(person.userId, steps))),
        ...steps.flatMap((step) => stepRows(step, moment(step))),
        ...events.map((event) => insert(graph, event)),
      ],
      events,
    };
  };

  const attempt = async <R extends Value>(ctx: Context, mutation: Mutation, { ids, plan, reply }: Wish<R>): Promise<Done<R>> => {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const pair = await look(ctx, ids);
      const steps = plan(pair);
      const answer = reply(pair, steps);
      if (steps.length === 0 && !mutation.repeatable) return { answer, events: [] };
      // Nothing to do is remembered too, so that a repetition after a later change does nothing either.
      const { ops, events } = draft(ctx, pair, steps);
      const result = await db.transact(ctx, [...ops, requestRow(graph, mutation, answer)]);
      if (result.ok) return { answer, events };
      if (result.failed.some(({ index }) => index === ops.length)) throw lostRace();
    }
    throw lostRace();
  };

  return {
    async change<R extends Value>(ctx: Context, mutation: Mutation, wish: Wish<R>): Promise<R> {
      return once(ctx, db, graph, mutation, async () => {
        await wish.admit?.();
        const { answer, events } = await attempt(ctx, mutation, wish);
        if (events.length > 0) crashPoint('graph.after-change');
        relay.nudge(events);
        return answer;
      });
    },
  };
};

interface Done<R> {
  readonly answer: R;
  readonly events: readonly OutboxRow[];
}
