import { NO_TIE, TIE } from './visibility.ts';

/** All that one person has to do with others, as of one version of their ties. */
export interface Circle {
  readonly version: number;
  /** Person → bits of TIE. */
  readonly ties: ReadonlyMap<string, number>;
  /** Kinds of ties that are too many to hold: of those the pair is asked for. */
  readonly unheld: readonly string[];
}

/** Of whom nobody ever had to do with. */
export const NO_TIES: Circle = { version: 0, ties: new Map(), unheld: [] };

/** Adds bits to what is known of a person. */
export const addTie = (ties: Map<string, number>, userId: string, bits: number): void =>
  void ties.set(userId, (ties.get(userId) ?? NO_TIE) | bits);

export const muteBits = (scope: unknown): number => (scope === 'ALL' ? TIE.MUTES : TIE.MUTES_REPOSTS);
