import { scoreOutOfRange } from './errors.ts';

/** What one person has on one board. */
export type Score = {
  readonly userId: string;
  readonly score: number;
  /** ULID of the moment when this score was reached; it orders equal scores, also those of one millisecond. */
  readonly reachedId: string;
  /** Grows by one with every event. */
  readonly version: number;
};

/** What earns a score: once on its board, whoever reports it how often. */
export type ScoreEvent = { readonly eventId: string; readonly userId: string; readonly delta: number };

/** A score and its place; 1 is the top. */
export type Standing = Pick<Score, 'userId' | 'score' | 'reachedId'> & { readonly rank: number };

/** The score after the event. A person without one has zero. */
export const scored = (before: Score | undefined, { userId, delta }: ScoreEvent, reachedId: string): Score => {
  const score = (before?.score ?? 0) + delta;
  if (!Number.isSafeInteger(score)) throw scoreOutOfRange();
  return { userId, score, reachedId, version: (before?.version ?? 0) + 1 };
};
