/** One row of a ranked set. The higher score stands higher; of equal scores, the lower `since`. */
export interface Ranked {
  /** Printable ASCII. */
  readonly id: string;
  /** A safe integer. */
  readonly score: number;
  /** What breaks a tie: capital letters and digits, as many in every row, such as a ULID of the moment. */
  readonly since: string;
  /** A whole number that grows with every change of the row. */
  readonly version: number;
}

/** A row and its place; 1 is the top. */
export interface Standing extends Omit<Ranked, 'version'> {
  readonly rank: number;
}

/**
 * The row's member in the sorted set. Redis reads a set from the top with equal scores in falling order of their members, so the
 * tie-breaker is turned around. What makes the rows differ comes last.
 */
export const memberOf = ({ since, id }: Pick<Ranked, 'since' | 'id'>): string => `${turned(since)} ${id}`;

export const standingOf = (member: string, score: number, rank: number): Standing => {
  const end = member.indexOf(' ');
  return { id: member.slice(end + 1), score, since: turned(member.slice(0, end)), rank };
};

/** The order of the sorted set, read from the top. */
export const byRank = (a: Ranked, b: Ranked): number => b.score - a.score || (memberOf(a) < memberOf(b) ? 1 : -1);

const ENDS = '0'.charCodeAt(0) + 'Z'.charCodeAt(0);

/** Swaps the first character of the range 0 to Z with the last, the second with the last but one. Twice, and it is as before. */
const turned = (text: string): string => String.fromCharCode(...Array.from(text, (char) => ENDS - char.charCodeAt(0)));
