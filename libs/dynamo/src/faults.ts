/**
 * - conflict: another transaction holds the row; nothing is applied (writes only)
 * - throttle: refused, nothing applied
 * - partial: half of a batch comes back unprocessed (batches only)
 * - lost-reply: applied, but the caller sees a timeout
 * - unreachable: not applied, the caller sees a timeout
 */
export type Fault = 'conflict' | 'throttle' | 'partial' | 'lost-reply' | 'unreachable';

export type Verb = 'get' | 'batchGet' | 'query' | 'count' | 'write' | 'transact' | 'batchWrite';

export interface FaultCall {
  readonly verb: Verb;
  readonly table: string;
  /** `ctx.method` of the call. */
  readonly method: string;
  /** 0 for the first try of a command, counting the repetitions of this library. */
  readonly attempt: number;
}

/**
 * Decides, before each command is sent, what goes wrong with it. It may be async, to delay and reorder. A fault that makes
 * no sense for the verb is ignored. What it throws reaches the caller as it is.
 */
export type Faults = (call: FaultCall) => Fault | undefined | Promise<Fault | undefined>;

/** Plays a list, one entry a command; after its end all is well. */
export const scriptedFaults = (plan: readonly (Fault | undefined)[]): Faults => {
  let next = 0;
  return () => plan[next++];
};

/** Draws faults with the given probabilities from a seeded generator: the same seed and calls give the same faults. */
export const seededFaults = (seed: number, rates: Partial<Record<Fault, number>>): Faults => {
  const random = mulberry32(seed);
  const faults = Object.entries(rates) as [Fault, number][];
  return () => {
    let drawn = random();
    for (const [fault, rate] of faults) {
      if (drawn < rate) return fault;
      drawn -= rate;
    }
    return undefined;
  };
};

/** Tommy Ettinger's generator, public domain: 32 bits of state are plenty for a fault plan. */
const mulberry32 = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
};
