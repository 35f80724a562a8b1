import type { Clock } from '@plaza/core';
import type { Db } from '@plaza/dynamo';

import { createPurchaseStore } from './store/home/purchase-store.ts';
import { createStoryErasure } from './store/home/story-erasure.ts';
import { createStoryStore } from './store/home/story-store.ts';

/** All by which the worker writes purchases and product news into timelines, and takes them out. */
export const createTelling = ({ db, now }: { db: Db; now: Clock }) => ({
  stories: createStoryStore({ db }),
  purchases: createPurchaseStore({ db, now }),
  storyErasure: createStoryErasure({ db, now }),
});
