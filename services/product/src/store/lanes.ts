import { productBusy } from '../domain/errors.ts';

/**
 * take: wants units. settle: gives some back, or turns reserved ones into sold ones. correct: a seller's correction, of which there
 * may be any number.
 */
export type Rank = 'take' | 'settle' | 'correct';

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
 * may hold half of these places, all sales together three quarters; the rest is for other products and for reads. A seller who sends
 * corrections by the hundred holds up nobody but the customers of that product.
 */
const MOST = { takers: 64, corrections: 8 };
/** Those who settle get in where others no longer do: there are never more of them than there were takers let in. */
const IN_ALL = { take: 96, settle: 112, correct: 96 };

/** A third of the call's budget: whoever's turn comes has time left for it, however slow the table is. */
const WAIT_MS = 1000;
/**
 * Those who are turned away come back when the line has moved on a few times, but soon enough for a caller who waits; so a server that
 * is slow, and whose lines are, is not asked the same by everybody twice a second.
 */
const RETRY = { leastMs: 500, mostMs: 3000, turns: 3 };

interface Line {
  /** Those who settle come first, so that who got a unit does not wait for those who hope for one. */
  readonly waiting: { readonly settle: Set<() => void>; readonly others: Set<() => void> };
  /** Whether it is somebody's turn. */
  taken: boolean;
  /** Whose work goes on, though its turn may be over. */
  working: number;
  /** Corrections among those who wait or work. */
  corrections: number;
  /** How long the one waited whose turn came last, or who gave up. */
  waitedMs: number;
}

/**
 * A hundred buyers of one product at one moment would be a hundred transactions on one row: DynamoDB refuses most as
 * conflicts, to be sent again, and DynamoDB Local lets all of them time out together. In line, each is sent once, and those
 * whose time is up are not sent at all. For speed, in one process only: what is right is decided by the transactions' conditions.
 */
export const createLanes = ({ waitMs = WAIT_MS } = {}): Lanes => {
  // A product has a line as long as somebody works on it.
  const lines = new Map<string, Line>();
  let inLine = 0;

  /**
   * Where to wait: in the longest line only. Waiting in several would hold up the short ones for everybody behind, so that one basket
   * with a hot product in it would make the others hot. Undefined if nobody works on any of them.
   */
  const longest = (productIds: readonly string[]): string | undefined => {
    const lengthOf = (id: string | undefined) => (id !== undefined && lines.has(id) ? sizeOf(lines.get(id)!) : 0);
    return productIds.reduce<string | undefined>((found, id) => (lengthOf(id) > lengthOf(found) ? id : found), undefined);
  };

  const busy = (id: string) => {
    const backMs = Math.max(RETRY.leastMs, Math.min(RETRY.mostMs, RETRY.turns * (lines.get(id)?.waitedMs ?? 0)));
    // Spread, so that not all come back at once.
    return productBusy(id, Math.round(backMs * (0.5 + Math.random())));
  };

  const assertRoom = (productIds: readonly string[], rank: Rank): void => {
    const id = longest(productIds);
    if (id === undefined) return;
    const line = lines.get(id)!;
    const full = { take: sizeOf(line) > MOST.takers, settle: false, correct: line.corrections >= MOST.corrections };
    if (full[rank] || inLine >= IN_ALL[rank]) throw busy(id);
  };

  const enter = (id: string): Line => {
    const waiting = { settle: new Set<() => void>(), others: new Set<() => void>() };
    const line = lines.get(id) ?? { waiting, taken: false, working: 0, corrections: 0, waitedMs: 0 };
    lines.set(id, line);
    return line;
  };

  const begin = (line: Line): void => {
    line.taken = true;
    line.working++;
  };

  /** Whether the turn came in time. */
  const turn = async (line: Line, rank: Rank): Promise<boolean> => {
    const since = performance.now();
    const came = await waitIn(rank === 'settle' ? line.waiting.settle : line.waiting.others, waitMs, () => begin(line));
    line.waitedMs = performance.now() - since;
    return came;
  };

  /** In one turn of the loop with whoever comes next, so that nobody gets in between. */
  const next = (line: Line): void => {
    const { settle, others } = line.waiting;
    const [come] = settle.size > 0 ? settle : others;
    line.taken = false;
    come?.();
  };

  const leave = (id: string, line: Line): void => {
    line.working--;
    if (sizeOf(line) === 0) lines.delete(id);
  };

  return {
    assertRoom,

    async run(productIds, rank, work) {
      assertRoom(productIds, rank);
      const crowded = longest(productIds);
      const held = (crowded === undefined ? productIds : [crowded]).map((id) => [id, enter(id)] as const);
      const correcting = rank === 'correct' ? 1 : 0;
      for (const [, line] of held) line.corrections += correcting;
      if (crowded !== undefined) inLine++;
      try {
        for (const [id, line] of held)
          if (!line.taken) begin(line);
          else if (!(await turn(line, rank))) throw busy(id);
        let over = false;
        const pass = () => {
          if (!over) for (const [, line] of held) next(line);
          over = true;
        };
        try {
          return await work(pass);
        } finally {
          pass();
          for (const [id, line] of held) leave(id, line);
        }
      } finally {
        for (const [, line] of held) line.corrections -= correcting;
        if (crowded !== undefined) inLine--;
      }
    },
  };
};

/** The working and the waiting. */
const sizeOf = ({ waiting, working }: Line): number => working + waiting.settle.size + waiting.others.size;

/** Whether the turn, which begins with `begin`, came in time. */
const waitIn = (queue: Set<() => void>, ms: number, begin: () => void): Promise<boolean> =>
  new Promise((resolve) => {
    const end = (came: boolean) => {
      clearTimeout(timer);
      queue.delete(come);
      resolve(came);
    };
    const come = () => {
      begin();
      end(true);
    };
    const timer = setTimeout(() => end(false), ms);
    queue.add(come);
  });
