import { isDeepStrictEqual } from 'node:util';

import { play, type World } from './model.ts';

/** One call of InventoryService. Equal request ids are repetitions of one call. */
export type Step =
  | { kind: 'adjust'; productId: string; delta: number; requestId: string }
  | { kind: 'reserve'; orderId: string; lines: Record<string, number>; until: number; requestId: string }
  | { kind: 'commit' | 'release'; orderId: string; requestId: string }
  /** The driver looks at a reservation at that time. */
  | { kind: 'expire'; orderId: string; at: number; requestId: string }
  /** The product is deleted, or comes back. */
  | { kind: 'close' | 'open'; productId: string; requestId: string }
  /** Somebody looks at the stock row. */
  | { kind: 'look'; productId: string; requestId: string };

export type Outcome =
  | { readonly answer: readonly number[]; readonly refused?: undefined }
  | { readonly refused: string; readonly left: Readonly<Record<string, number>> };

/** A call as its caller saw it: when it began, when it was answered, and with what. */
export interface Seen {
  readonly step: Step;
  readonly begin: number;
  readonly end: number;
  readonly outcome: Outcome;
}

/**
 * Whether the calls can be put into one order, in which none comes before a call that was answered before it began, such that
 * the model gives every caller the answer that was seen (Wing and Gong). Answers the worlds that such orders end in.
 */
export const explain = (history: readonly Seen[], start: World): World[] => {
  const tried = new Set<string>();
  const ends: World[] = [];
  const search = (rest: readonly Seen[], world: World): void => {
    const place = JSON.stringify([rest.map((seen) => history.indexOf(seen)), world]);
    if (tried.has(place)) return;
    tried.add(place);
    if (rest.length === 0) ends.push(world);
    const firstEnd = Math.min(...rest.map(({ end }) => end));
    for (const next of rest) {
      if (next.begin > firstEnd) continue;
      const played = play(world, next.step);
      if (isDeepStrictEqual(played.outcome, next.outcome))
        search(
          rest.filter((other) => other !== next),
          played.world,
        );
    }
  };
  search(history, start);
  return ends;
};
