import { crashPoint, type Context } from '@plaza/core';
import { remove, type Db } from '@plaza/dynamo';

import { groupId, later, type Telling } from '../../domain/notifications/notice.ts';
import type { ErasureStore } from '../erasure-store.ts';
import { keys, postsTable } from '../table.ts';
import { createLatestWrites } from './latest-writes.ts';
import { noticeWrite } from './notice-rows.ts';

export type NoticeWriter = ReturnType<typeof createNoticeWriter>;

/** Notes what people are told of. `rung` is called when somebody has something new. */
export const createNoticeWriter = (deps: { db: Db; erasures: Pick<ErasureStore, 'erased'>; rung: (userId: string) => void }) => {
  const { db, erasures, rung } = deps;

  const write = async (ctx: Context, telling: Telling): Promise<void> => {
    const { userId, notice } = telling;
    const result = await db.write(ctx, noticeWrite(telling));
    // Who died behind the write of this very happening may not have told of it.
    const isNews = result.ok || result.failed.some(({ item }) => item?.['place'] === notice.place);
    if (!isNews) return;
    crashPoint('feed.after-notify');
    // The eraser marks the person first and removes rows then: either it sees this row, or we see its mark.
    const gone = await erasures.erased(ctx, new Set([userId]));
    if (gone.has(userId)) await db.write(ctx, remove(postsTable, keys.notice(userId, groupId(notice))));
    else if (!notice.over) rung(userId);
  };

  return {
    /** Resolves when it is noted, or something later of the same group is. */
    tell: createLatestWrites<Telling>({
      rowOf: ({ userId, notice }) => `${userId} ${groupId(notice)}`,
      later: (a, b) => ({ userId: a.userId, notice: later(a.notice, b.notice) }),
      write,
    }),
  };
};
