export interface PowerLaw {
  readonly people: number;
  /** Whom a person follows, on average. */
  readonly meanDegree: number;
  /** Of the distribution of degrees, above 2: the smaller, the more follow the most famous. 2.2 by default. */
  readonly exponent?: number;
  /** The same seed makes the same graph. */
  readonly seed?: number;
}

/**
 * A graph of follows such as people make: most follow few and are followed by few, some are followed by a large part of all. Person by
 * person, positions of whom they follow, each once and never themselves; person 0 is the most famous. Made on the way, so that
 * millions of follows cost no memory.
 */
export function* powerLawGraph(options: PowerLaw): Generator<readonly number[]> {
  const { people, meanDegree, exponent = 2.2, seed = 1 } = options;
  const random = seeded(seed);
  // Ranks by weight rank^-1/(exponent - 1) have degrees with that exponent; drawn by the inverse of their sum.
  const share = 1 - 1 / (exponent - 1);
  const someone = () => Math.min(people - 1, Math.floor((people + 1) * random() ** (1 / share)));
  // A Pareto distribution of this least value has the mean that is asked for.
  const least = (meanDegree * (exponent - 2)) / (exponent - 1);
  for (let follower = 0; follower < people; follower++) {
    const wanted = Math.min(people - 1, 4_000, roundedBy(random, least * (1 - random()) ** (-1 / (exponent - 1))));
    const followees = new Set<number>();
    // The famous come up again and again: who has them already draws in vain, and not for ever.
    for (let draws = 0; followees.size < wanted && draws < 4 * wanted; draws++) {
      const followee = someone();
      if (followee !== follower) followees.add(followee);
    }
    yield [...followees];
  }
}

/** Up or down by chance, so that the mean stays. */
const roundedBy = (random: () => number, value: number): number => Math.floor(value + random());

/** Tommy Ettinger's mulberry32, public domain. */
const seeded = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
};
