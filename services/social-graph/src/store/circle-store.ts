import type { Context } from '@plaza/core';
import type { Db, Item } from '@plaza/dynamo';

import { addTie, muteBits, NO_TIES, type Circle } from '../domain/circle.ts';
import { TIE } from '../domain/visibility.ts';
import { graph, keys, tiesOf, type TieKind } from './table.ts';
import { tiesIn } from './tie-rows.ts';

/** Who is tied anew all the time, as by many who block one, cannot be read whole: then the pairs are asked for, which are few. */
const MAX_TRIES = 3;
/** Of one kind. More are not held, since one viewer would take the room of many. */
const MOST = 10_000;

const BITS: Readonly<Record<TieKind, (row: Item) => number>> = {
  FO: () => TIE.FOLLOWS,
  RQ_OUT: () => TIE.REQUESTED,
  BL: () => TIE.BLOCKS,
  BB: () => TIE.BLOCKED_BY,
  MU: (row) => muteBits(row['scope']),
};
const KINDS = Object.keys(BITS) as TieKind[];

export type CircleStore = ReturnType<typeof createCircleStore>;

/** Reads of a person's ties, strongly consistent. */
export const createCircleStore = ({ db, most = MOST }: { db: Db; most?: number | undefined }) => {
  const versionOf = async (ctx: Context, userId: string) => tiesIn(await db.get(ctx, graph, keys.ties(userId))).version;

  const read = async (ctx: Context, userId: string, version: number): Promise<Circle> => {
    const ties = new Map<string, number>();
    const unheld: string[] = [];
    const partitions = await Promise.all(
      KINDS.map(async (kind) => ({ kind, ...(await db.query(ctx, graph, { pk: tiesOf(kind, userId), limit: most + 1 })) })),
    );
    for (const { kind, items } of partitions) {
      if (items.length > most) unheld.push(kind);
      else for (const row of items) addTie(ties, row.sk, BITS[kind](row));
    }
    return { version, ties, unheld };
  };

  return {
    /** All ties as of one moment, or none of them held. */
    async load(ctx: Context, userId: string): Promise<Circle> {
      let version = await versionOf(ctx, userId);
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        if (version === undefined) return NO_TIES;
        const circle = await read(ctx, userId, version);
        const after = await versionOf(ctx, userId);
        if (after === version) return circle;
        version = after;
      }
      return version === undefined ? NO_TIES : { version, ties: NO_TIES.ties, unheld: KINDS };
    },

    /** The bits of these kinds for these people, pair by pair. */
    async pairs(ctx: Context, userId: string, kinds: readonly string[], others: readonly string[]): Promise<Map<string, number>> {
      const ties = new Map<string, number>();
      const asked = KINDS.filter((kind) => kinds.includes(kind)).flatMap((kind) => others.map((sk) => ({ kind, sk })));
      const rows = await db.batchGet(
        ctx,
        graph,
        asked.map(({ kind, sk }) => ({ pk: tiesOf(kind, userId), sk })),
      );
      for (const [i, { kind, sk }] of asked.entries()) if (rows[i]) addTie(ties, sk, BITS[kind](rows[i]));
      return ties;
    },
  };
};
