import { productBusy } from '../domain/errors.ts';

/**
 * take: wants units. settle: gives some back, or turns reserved ones into sold ones, of which there are never more than there were
 * takers let in, or corrects the stock.
 */
export type Rank = 'take' | 'settle';

export interface Lanes {
  /**
   * Does the work when it is its turn at these products. The next one's turn comes when the work is done, or when it says so before.
   * @throws AppError RESOURCE_EXHAUSTED PRODUCT_BUSY when too many are in line already, or the turn does not come: nothing was done
   */
  run<T>(productIds: readonly string[], rank: Rank, work: (pass: () => void) => Promise<T>): Promise<T>;
  /** Throws as `run` would at once. */
  assertRoom(productIds: readonly string[], rank: Rank): void;
}

/**
 * Who waits for one product, beside the one whose turn it is. The server works on 128 calls at once (libs/rpc). A sale on one product
 * may hold half of these places, all sales together three quarters; the rest is for other products and for reads.
 */
const PER_PRODUCT = 64;
const IN_ALL = 96;
/** Those who settle get in where takers no longer do: else who got a unit would wait for those who hope for one. */
const IN_ALL_SETTLING = 112;

/** A third of the call's budget: whoever's turn comes has time left for it, however slow the table is. */
const WAIT_MS = 1000;
/** Longer than a full line takes to move on, and spread so that not all who were turned away come back at once. */
const RETRY_MS = 500;

/**
 * A hundred buyers of one product at one moment would be a hundred transactions on one row: DynamoDB refuses most as
 * conflicts, to be sent again, and DynamoDB Local lets all of them time out together. In line, each is sent once, and those
 * whose time is up are not sent at all. For speed, in one process only: what is right is decided by the transactions' conditions.
 */
export const createLanes = ({ waitMs = WAIT_MS } = {}): Lanes => {
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
    const full = rank === 'settle' ? waiting >= IN_ALL_SETTLING : waiting >= IN_ALL || lines.get(id)!.length > PER_PRODUCT;
    if (full) throw busy(id);
  };

  const stepOut = (id: string): void => {
    const line = lines.get(id)!;
    if (line.length === 1) lines.delete(id);
    else lines.set(id, { ...line, length: line.length - 1 });
  };

  return {
    assertRoom,

    async run(productIds, rank, work) {
      assertRoom(productIds, rank);
      const id = longest(productIds);
      const ahead = id === undefined ? Promise.resolve() : lines.get(id)!.end;
      const { promise: end, resolve: pass } = Promise.withResolvers<void>();
      const joined = id === undefined ? productIds : [id];
      for (const one of joined) lines.set(one, { length: (lines.get(one)?.length ?? 0) + 1, end });
      if (id !== undefined) waiting++;
      try {
        if (id !== undefined && !(await inTime(ahead, waitMs))) throw busy(id);
        return await work(pass);
      } finally {
        // Also for those behind one that gave up: their turn comes when those ahead of it have had theirs.
        void ahead.then(pass);
        if (id !== undefined) waiting--;
        for (const one of joined) stepOut(one);
      }
    },
  };
};

const busy = (productId: string) => productBusy(productId, Math.round(RETRY_MS * (0.5 + Math.random())));

const inTime = (turn: Promise<void>, ms: number): Promise<boolean> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms);
    void turn.then(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
