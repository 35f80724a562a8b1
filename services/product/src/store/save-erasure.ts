import { assertAlive, type Clock, type Context } from '@plaza/core';
import { insert, lostRace, ttl, update, type Db } from '@plaza/dynamo';
import type { Relay } from '@plaza/events';

import { KEPT_SECONDS } from './erasure-store.ts';
import { createSaveLists } from './save-lists.ts';
import { saveRemovals, unsavedEvent } from './save-rows.ts';
import { keys, products } from './table.ts';

/** Of one transaction: three rows and an event each, which makes 96 and the count. */
const BATCH = 24;
/** Lost in a row. */
const MAX_TRIES = 20;

export type SaveErasure = ReturnType<typeof createSaveErasure>;

/** Takes a person's saves away, each as if it were unsaved. What was done is counted in the transaction that did it. */
export const createSaveErasure = ({ db, relay, now }: { db: Db; relay: Pick<Relay, 'nudge'>; now: Clock }) => {
  const lists = createSaveLists({ db });
  return {
    /** Until there are none: whatever is taken away is gone from the next read. */
    async eraseSaves(ctx: Context, userId: string): Promise<void> {
      for (let tries = 0; tries < MAX_TRIES;) {
        assertAlive(ctx);
        const { saves } = await lists.saved(ctx, userId, BATCH, undefined);
        if (saves.length === 0) return;
        const events = saves.map((save) => unsavedEvent(ctx, save, now()));
        const { ok } = await db.transact(ctx, [
          ...saves.flatMap(saveRemovals),
          ...events.map((event) => insert(products, event)),
          update(products, keys.erasure(userId), {
            add: { saves: saves.length },
            set: { expiresAt: ttl(now(), KEPT_SECONDS) },
          }),
        ]);
        // Another delivery of the same event was quicker.
        tries = ok ? 0 : tries + 1;
        if (ok) relay.nudge(events);
      }
      throw lostRace();
    },
  };
};
