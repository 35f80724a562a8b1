import { productBusy } from '../domain/errors.ts';

/**
 * take: wants units. settle: gives some back, or turns reserved ones into sold ones, of which there are never more than there were
 * takers let in, or corrects the stock.
 */
export type Rank = 'take' | 'settle';

export interface Lanes {
  /**
   * Does the work when it is its turn at these products.
   * @throws AppError RESOURCE_EXHAUSTED PRODUCT_BUSY when too many wait already
   */
  run<T>(productIds: readonly string[], rank: Rank, work: () => Promise<T>): Promise<T>;
  /** Throws as `run` would now. */
  assertRoom(productIds: readonly string[], rank: Rank): void;
}

/**
 * The server works on 128 calls at once (libs/rpc). A sale on one product may hold half of these places, all sales together three
 * quarters; the rest is for other products and for reads.
 */
const PER_PRODUCT = 64;
const IN_ALL = 96;
/** Those who settle get in where takers no longer do: else who got a unit would wait for those who hope for one. */
const IN_ALL_SETTLING = 112;

/** Long enough for a line to move on, spread so that not all who were turned away come back at once. */
const RETRY_MS = 250;

/**
 * A hundred buyers of one product at one moment would be a hundred transactions on one row: DynamoDB refuses most as
 * conflicts, to be sent again, and DynamoDB Local lets all of them time out together. In line, each is sent once, and those
 * whose time is up are not sent at all. For speed, in one process only: what is right is decided by the transactions' conditions.
 */
export const createLanes = (): Lanes => {
  const lines = new Map<string, { length: number; end: Promise<void> }>();
  let waiting = 0;

  /**
   * Where to wait: in the longest line only. Waiting in several would hold up the short ones for everybody behind, so that one basket
   * with a hot product in it would make the others hot. Undefined if there is nobody ahead.
   */
  const longest = (productIds: readonly string[]): string | undefined => {
    const lengthOf = (id: string | undefined) => (id === undefined ? 0 : (lines.get(id)?.length ?? 0));
    return productIds.reduce<string | undefined>((found, id) => (lengthOf(id) > lengthOf(found) ? id : found), undefined);
  };

  const assertRoom = (productIds: readonly string[], rank: Rank): void => {
    const id = longest(productIds);
    if (id === undefined) return;
    // The first in a line does not wait, it works.
    const full = rank === 'settle' ? waiting >= IN_ALL_SETTLING : waiting >= IN_ALL || lines.get(id)!.length > PER_PRODUCT;
    if (full) throw productBusy(id, Math.round(RETRY_MS * (0.5 + Math.random())));
  };

  return {
    assertRoom,

    async run(productIds, rank, work) {
      assertRoom(productIds, rank);
      const id = longest(productIds);
      const ahead = id && lines.get(id)!.end;
      const { promise: end, resolve: leave } = Promise.withResolvers<void>();
      const joined = id === undefined ? productIds : [id];
      for (const one of joined) lines.set(one, { length: (lines.get(one)?.length ?? 0) + 1, end });
      if (ahead) {
        waiting++;
        await ahead;
        waiting--;
      }
      try {
        return await work();
      } finally {
        leave();
        for (const one of joined) {
          const line = lines.get(one)!;
          if (line.length === 1) lines.delete(one);
          else lines.set(one, { ...line, length: line.length - 1 });
        }
      }
    },
  };
};
