import type { Fault } from '@plaza/dynamo';

/** Thrown into a handler where its process would have died. */
export const DEATH = new Error('the process died here');

export interface Chance {
  /** Waits for its turn: between two turns anything else may happen. */
  turn(label: string): Promise<void>;
  fault(): Fault | 'death' | undefined;
  /** Whether a message is delivered twice. */
  twice(): boolean;
  /** Further turns that each step of one handling waits: without slow ones, few overtake each other by far. */
  lag(): number;
}

/** Of a handling, which is named by its method. */
export const lagOf = (method: string): number => Number(method.split(' ')[1] ?? 0);
