import { createRounds } from '@plaza/cache';
import type { Db, Item, Key } from '@plaza/dynamo';

import { postsTable } from '../table.ts';

/** What one request to the table takes. */
const MOST = 100;
/** So many requests are under way before those who ask wait for each other. */
const AT_ONCE = 8;
const TIMEOUT_MS = 3_000;

/**
 * A table from which those who read the same posts at one moment read them together, by reads that begin after all of them have asked: what
 * is read is as new as ever. Many feeds show the same posts.
 */
export const withSharedGets = (db: Db): Db => {
  const rounds = createRounds<string, Item>({
    most: MOST,
    atOnce: AT_ONCE,
    timeoutMs: TIMEOUT_MS,
    read: async (ctx, names) => {
      const items = await db.batchGet(ctx, postsTable, names.map(keyOf));
      return new Map(items.flatMap((item, i) => (item ? [[names[i]!, item]] : [])));
    },
  });
  return {
    ...db,
    batchGet: async (ctx, table, keys, options) => {
      if (table !== postsTable || options) return db.batchGet(ctx, table, keys, options);
      const names = keys.map(nameOf);
      const found = await rounds(ctx, names);
      return names.map((name) => found.get(name));
    },
  };
};

/** Neither part of a key has a blank. */
const nameOf = ({ pk, sk }: Key): string => `${pk} ${sk}`;

const keyOf = (name: string): Key => {
  const [pk = '', sk = ''] = name.split(' ');
  return { pk, sk };
};
