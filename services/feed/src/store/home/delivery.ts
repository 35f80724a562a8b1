import type { Context } from '@plaza/core';

import type { FeedRow } from '../../domain/home/fan-out.ts';
import type { ErasureStore } from '../erasure-store.ts';
import type { HomeFeedStore } from './home-feed-store.ts';

/** Brings posts into feeds: rows first, then the heads that are warm. `written` is called between the two. */
export type Deliver = (ctx: Context, rows: readonly FeedRow[], written?: () => void) => Promise<void>;

/**
 * An event may come long after its viewer or author was erased. Who was is asked behind the write: the eraser marks the person
 * first and removes rows then, so that either it sees these rows, or we see its mark and take them back.
 */
export const createDelivery =
  (deps: {
    homeFeeds: Pick<HomeFeedStore, 'addRows' | 'removeRows' | 'addToHeads'>;
    erasures: Pick<ErasureStore, 'erased'>;
  }): Deliver =>
  async (ctx, rows, written) => {
    const { homeFeeds, erasures } = deps;
    await homeFeeds.addRows(ctx, rows);
    written?.();
    const gone = await erasures.erased(ctx, new Set(rows.flatMap(({ viewerId, sourceId }) => [viewerId, sourceId])));
    const isGone = ({ viewerId, sourceId }: FeedRow) => gone.has(viewerId) || gone.has(sourceId);
    const taken = rows.filter(isGone);
    if (taken.length > 0) await homeFeeds.removeRows(ctx, taken);
    await homeFeeds.addToHeads(
      ctx,
      rows.filter((row) => !isGone(row)),
    );
  };
