import type { Clock, Context } from '@plaza/core';
import { exists, lostRace, remove, ttl, update, type Db, type Item, type WriteOp } from '@plaza/dynamo';

import { KEPT_SECONDS } from '../erasure-store.ts';
import { keys, postsTable } from '../table.ts';
import { isSaved } from './saved-rows.ts';

/** Of one transaction: two rows each, and the count. */
const BATCH = 48;
/** Lost in a row. */
const MAX_TRIES = 20;

export type StoryErasure = ReturnType<typeof createStoryErasure>;

/**
 * Takes a person's purchases, news and saves away. Goes behind the mark that says that the person does nothing with posts any more, on which
 * whatever is written late fails. What was done is counted in the transaction that did it.
 */
export const createStoryErasure = ({ db, now }: { db: Db; now: Clock }) => {
  /** Until there are none. */
  const empty = async (
    ctx: Context,
    userId: string,
    { pk, sk }: { pk: string; sk: string },
    of: { rowsOf: (item: Item) => WriteOp[]; countOf: (items: readonly Item[]) => Record<string, number> },
  ) => {
    for (let tries = 0; ;) {
      const { items } = await db.query(ctx, postsTable, { pk, sk: { beginsWith: sk }, limit: BATCH });
      if (items.length === 0) return;
      const { ok } = await db.transact(ctx, [
        ...items.flatMap((item) => [remove(postsTable, item, exists()), ...of.rowsOf(item)]),
        update(postsTable, keys.erasure(userId), { add: of.countOf(items), set: { expiresAt: ttl(now(), KEPT_SECONDS) } }),
      ]);
      // Another delivery of the same event was quicker.
      if (ok) tries = 0;
      else if (++tries > MAX_TRIES) throw lostRace();
    }
  };

  return {
    async eraseStories(ctx: Context, userId: string): Promise<void> {
      await empty(ctx, userId, keys.story(userId, ''), {
        rowsOf: (item) => (item['kind'] === 'PURCHASE' ? [remove(postsTable, keys.purchase(item['orderId'] as string))] : []),
        countOf: (items) => ({ stories: items.length }),
      });
      await db.write(ctx, remove(postsTable, keys.lastStory(userId)));
      const saves = keys.saved(userId, '');
      await empty(ctx, userId, saves, {
        rowsOf: ({ sk }) => [remove(postsTable, keys.saver(sk.slice(saves.sk.length), userId))],
        countOf: (items) => ({ saves: items.filter(isSaved).length }),
      });
    },
  };
};
