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

const ID = 26;

/** Ids of 26 characters, each with one of its bits. */
export const packCircle = ({ version, ties, unheld }: Circle): string => {
  const parts = [`${version};${unheld.join(',')};`];
  for (const [userId, bits] of ties) parts.push(userId, String.fromCharCode(bits));
  return parts.join('');
};

/** @throws Error if it is nothing that was packed */
export const unpackCircle = (packed: string): Circle => {
  const [version = '', unheld = ''] = packed.split(';', 2);
  const from = version.length + unheld.length + 2;
  if (!/^\d+$/.test(version) || (packed.length - from) % (ID + 1) !== 0) throw new Error('not a circle');
  const ties = new Map<string, number>();
  for (let i = from; i < packed.length; i += ID + 1) ties.set(packed.slice(i, i + ID), packed.charCodeAt(i + ID));
  return { version: Number(version), ties, unheld: unheld === '' ? [] : unheld.split(',') };
};

/** Adds bits to what is known of a person. */
export const addTie = (ties: Map<string, number>, userId: string, bits: number): void =>
  void ties.set(userId, (ties.get(userId) ?? NO_TIE) | bits);

export const muteBits = (scope: unknown): number => (scope === 'ALL' ? TIE.MUTES : TIE.MUTES_REPOSTS);
