import { assertAlive, type Clock, type Context } from '@plaza/core';
import { lostRace, remove, ttl, update, type Db, type Item, type Key, type WriteOp } from '@plaza/dynamo';
import type { Relay } from '@plaza/events';

import { ERASED_KINDS, erasedStep, type ErasedKind, type ErasedTies } from '../domain/erasure.ts';
import { createManyTies } from './many-ties.ts';
import { graph, keys, listedId, listOf, tiesOf } from './table.ts';
import { sinceIn } from './tie-rows.ts';

/** Of one transaction: three rows, an event and the other's ties each, the person's own, and the receipt, which makes 97. */
const BATCH = 19;
const MAX_TRIES = 20;
/** Longer than an event may come again. */
const KEPT_SECONDS = 30 * 24 * 3600;
/** Longer than the stream keeps events: a count of followers goes when none can move it any more. */
const COUNT_SECONDS = 8 * 24 * 3600;

interface Side {
  /** Where all ties of the kind are found, and with whom one of its rows is. */
  readonly pk: string;
  readonly otherOf: (sk: string) => string;
  /** The row by which one is looked up. */
  readonly tie: (otherId: string) => Key;
}

const same = (sk: string): string => sk;

const SIDES: Readonly<Record<ErasedKind, (userId: string) => Side>> = {
  following: (id) => ({ pk: tiesOf('FO', id), otherOf: same, tie: (other) => keys.following(id, other) }),
  followers: (id) => ({ pk: listOf('FR', id), otherOf: listedId, tie: (other) => keys.following(other, id) }),
  requests_sent: (id) => ({ pk: tiesOf('RQ_OUT', id), otherOf: same, tie: (other) => keys.requested(id, other) }),
  requests_received: (id) => ({ pk: listOf('RQ_IN', id), otherOf: listedId, tie: (other) => keys.requested(other, id) }),
  blocks: (id) => ({ pk: tiesOf('BL', id), otherOf: same, tie: (other) => keys.blocking(id, other) }),
  blocked_by: (id) => ({ pk: tiesOf('BB', id), otherOf: same, tie: (other) => keys.blocking(other, id) }),
  mutes: (id) => ({ pk: tiesOf('MU', id), otherOf: same, tie: (other) => keys.muting(id, other) }),
};

export type ErasureStore = ReturnType<typeof createErasureStore>;

/** Ends every tie of a person. What was done is counted in the transaction that did it. */
export const createErasureStore = ({ db, relay, now }: { db: Db; relay: Pick<Relay, 'nudge'>; now: Clock }) => {
  const change = createManyTies({ db, relay, now });

  const note = (userId: string, changes: { set?: { doneAt: number }; add?: Partial<Record<ErasedKind, number>> }): WriteOp =>
    update(graph, keys.erasure(userId), { ...changes, set: { ...changes.set, expiresAt: ttl(now(), KEPT_SECONDS) } });

  /** Until there are none: whatever is cut is gone from the next read. */
  const cutAll = async (ctx: Context, userId: string, kind: ErasedKind): Promise<void> => {
    const { pk, otherOf, tie } = SIDES[kind](userId);
    for (let idle = 0; idle < MAX_TRIES;) {
      assertAlive(ctx);
      const { items } = await db.query(ctx, graph, { pk, limit: BATCH });
      if (items.length === 0) return;
      const changed = await change(ctx, {
        userId,
        otherIds: items.map(({ sk }) => otherOf(sk)),
        size: BATCH,
        tie,
        steps: (other, row) => [erasedStep(kind, userId, other.userId, sinceIn(row)!)],
        beside: (count) => [note(userId, { add: { [kind]: count } })],
      });
      // All of them ended by somebody else's hand since they were read.
      idle = changed > 0 ? 0 : idle + 1;
    }
    throw lostRace();
  };

  return {
    /** How many ties were cut, once that is finished. */
    async finished(ctx: Context, userId: string): Promise<ErasedTies | undefined> {
      const row = await db.get(ctx, graph, keys.erasure(userId));
      return row?.['doneAt'] === undefined ? undefined : cutIn(row);
    },

    async cutTies(ctx: Context, userId: string): Promise<void> {
      for (const kind of ERASED_KINDS) await cutAll(ctx, userId, kind);
    },

    /**
     * The counts go last: events of the follows still move the number of followers, by then to 0. How the person stands stays for
     * good, so that nobody ties anything to who is gone.
     */
    async finish(ctx: Context, userId: string): Promise<ErasedTies> {
      await db.transact(ctx, [
        remove(graph, keys.ties(userId)),
        update(graph, keys.followersCount(userId), { set: { expiresAt: ttl(now(), COUNT_SECONDS) } }),
        note(userId, { set: { doneAt: now() } }),
      ]);
      return cutIn(await db.get(ctx, graph, keys.erasure(userId)));
    },
  };
};

const cutIn = (row: Item | undefined): ErasedTies =>
  Object.fromEntries(ERASED_KINDS.map((kind) => [kind, Number(row?.[kind] ?? 0)])) as Record<ErasedKind, number>;
