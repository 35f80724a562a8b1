import { fillPage } from '@plaza/core';

import { entryOf } from '../../domain/home/entry.ts';
import { aboutOf, isOwn } from '../../domain/home/unseen.ts';
import { toFeedState } from '../../mapping.ts';
import type { Deps, FeedHandlers } from '../index.ts';

/** Nobody reads a larger number. */
const MOST = 100;
/** Keys of one read. */
const STEP = 50;
/** After so many reads the number stands as it is, with more to come: hidden rows must not cost without end. */
const MAX_ROUNDS = 10;

/** Counts what ListHomeFeed would show above the newest item that was seen. What the viewer did is no news to them. */
export const getFeedStatus =
  ({ skeleton, feedReading }: Deps): FeedHandlers['getFeedStatus'] =>
  async (ctx, { viewerId }) => {
    const feed = await skeleton.open(ctx, viewerId);
    const { seen } = feed.state;
    const counted = new Set<string>();
    const { items, next } = await fillPage<string>(
      MOST + 1,
      undefined,
      async (before) => {
        const { ids, more } = await feed.page(before, STEP);
        const newer = ids.filter((id) => id > seen).map(entryOf);
        const judged = await feedReading.judge(ctx, newer, viewerId);
        const entries = newer.map((entry, i) => {
          const shown = judged[i];
          // A post that was passed on is one item with the post, as in the feed.
          const about = aboutOf(entry);
          const counts = shown !== undefined && !isOwn(entry, shown.look, viewerId) && !counted.has(about);
          if (counts) counted.add(about);
          return { place: entry.key, item: counts ? about : undefined };
        });
        return { entries, end: !more || newer.length < ids.length };
      },
      MAX_ROUNDS,
    );
    return {
      unseen: Math.min(MOST, items.length),
      unseenMore: items.length > MOST || next !== undefined,
      state: toFeedState(feed.state),
      seenItemId: seen,
    };
  };
