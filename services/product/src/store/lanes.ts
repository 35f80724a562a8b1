/** Runs work that touches the same products one after another, and all other work side by side. */
export type Lanes = <T>(productIds: readonly string[], work: () => Promise<T>) => Promise<T>;

/**
 * A hundred buyers of one product at one moment would be a hundred transactions on one row: DynamoDB refuses most as
 * conflicts, to be sent again, and DynamoDB Local lets all of them time out together. In line, each is sent once, and those
 * whose time is up are not sent at all. For speed, in one process only: what is right is decided by the transactions' conditions.
 */
export const createLanes = (): Lanes => {
  const ends = new Map<string, Promise<void>>();
  return async (productIds, work) => {
    const ahead = productIds.flatMap((id) => ends.get(id) ?? []);
    const { promise: end, resolve: leave } = Promise.withResolvers<void>();
    // All lanes are entered in one turn, so that two works with two products each cannot wait for one another.
    for (const id of productIds) ends.set(id, end);
    await Promise.all(ahead);
    try {
      return await work();
    } finally {
      leave();
      for (const id of productIds) if (ends.get(id) === end) ends.delete(id);
    }
  };
};
