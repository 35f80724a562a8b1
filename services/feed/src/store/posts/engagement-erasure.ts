import { crashPoint, type Clock, type Context } from '@plaza/core';
import { lostRace, put, ttl, update, type Db } from '@plaza/dynamo';

import type { Engagement, EngagementKind } from '../../domain/posts/engagement.ts';
import { KEPT_SECONDS } from '../erasure-store.ts';
import { keys, postsTable } from '../table.ts';
import { endingAll, engagementIn } from './engagement-rows.ts';

/** Of one transaction: a state row, three list rows, a story and two events each at most, which makes 98 and the count. */
const BATCH = 14;
/** Lost in a row. */
const MAX_TRIES = 20;

export type EngagementErasure = ReturnType<typeof createEngagementErasure>;

/** Takes back all that a person did with posts, as if they did it themselves. What was done is counted in the transaction that did it. */
export const createEngagementErasure = ({ db, now }: { db: Db; now: Clock }) => ({
  /**
   * Marks the person first: a like either is there before the mark, and found, or fails on it. So what is taken back stays so, also
   * if a call of the person's was still in flight.
   */
  async eraseEngagements(ctx: Context, userId: string): Promise<void> {
    const expiresAt = ttl(now(), KEPT_SECONDS);
    await db.write(ctx, put(postsTable, { ...keys.engagementsErased(userId), expiresAt }));
    for (let tries = 0; ;) {
      const { items } = await db.query(ctx, postsTable, { ...mineOf(userId), limit: BATCH });
      if (items.length === 0) return;
      const engagements = items.map((item) => engagementIn(userId, item));
      const { ok } = await db.transact(ctx, [
        ...engagements.flatMap((engagement) => endingAll(ctx, engagement, now())),
        update(postsTable, keys.erasure(userId), {
          add: {
            likes: howMany('like', engagements),
            reposts: howMany('repost', engagements),
            bookmarks: howMany('bookmark', engagements),
          },
          set: { expiresAt },
        }),
      ]);
      // Another delivery of the same event was quicker, or the person took something back just now.
      if (!ok && ++tries > MAX_TRIES) throw lostRace();
      if (!ok) continue;
      tries = 0;
      crashPoint('feed.after-erase-engagements');
    }
  },
});

const mineOf = (userId: string) => ({ pk: keys.mine(userId, '').pk, sk: { beginsWith: keys.mine(userId, '').sk } });

const howMany = (kind: EngagementKind, engagements: readonly Engagement[]): number =>
  engagements.filter(({ marks }) => marks[kind] !== undefined).length;
