import { backoffMs, crashPoint, pause, type Clock, type Context, type Mutation } from '@plaza/core';
import { lostRace, once, requestRow, type Db, type Item, type Value } from '@plaza/dynamo';
import type { OutboxRow, Relay } from '@plaza/events';

import type { Plan } from '../domain/plan.ts';
import type { MuteScope, Pair, Person, Step } from '../domain/tie.ts';
import { draft } from './draft.ts';
import { standingIn } from './standing-rows.ts';
import { graph, keys } from './table.ts';
import { sinceIn, tiesIn } from './tie-rows.ts';

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
    // The versions first: of rows that are read together one may be older than the other, and a tie that ended unseen by these versions
    // would be taken for what they guard.
    const people = await db.batchGet(ctx, graph, [keys.ties(one), keys.standing(one), keys.ties(other), keys.standing(other)]);
    const rows = await db.batchGet(ctx, graph, [
      keys.following(one, other),
      keys.following(other, one),
      keys.requested(one, other),
      keys.requested(other, one),
      keys.blocking(one, other),
      keys.blocking(other, one),
      keys.muting(one, other),
    ]);
    const person = (userId: string, [ties, standing]: (Item | undefined)[]): Person => ({
      userId,
      ...tiesIn(ties),
      standing: standingIn(standing),
    });
    const [follows, followedBy, requested, requestedBy, blocks, blockedBy] = rows.map(sinceIn);
    const mute = sinceIn(rows[6]);
    return {
      one: person(one, people.slice(0, 2)),
      other: person(other, people.slice(2)),
      follows,
      followedBy,
      requested,
      requestedBy,
      blocks,
      blockedBy,
      mutes: mute && { ...mute, scope: rows[6]!['scope'] as MuteScope },
    };
  };

  const attempt = async <R extends Value>(ctx: Context, mutation: Mutation, { ids, plan, reply }: Wish<R>): Promise<Done<R>> => {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      // Who lost to somebody else lets that one get away first.
      if (tries > 1) await pause(backoffMs(tries, 2, 50), ctx.signal);
      const pair = await look(ctx, ids);
      const steps = plan(pair);
      const answer = reply(pair, steps);
      if (steps.length === 0 && !mutation.repeatable) return { answer, events: [] };
      // Nothing to do is remembered too, so that a repetition after a later change does nothing either.
      const { ops, events } = draft([pair.one, pair.other], steps, { at: now(), trace: ctx.trace });
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
