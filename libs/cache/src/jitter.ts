/** A life between 90 % and 110 % of `ttlMs`, so that entries written together do not expire together. */
export const jittered = (ttlMs: number): number => Math.round(ttlMs * (0.9 + Math.random() * 0.2));
