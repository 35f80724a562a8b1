import type { Timeline } from '@plaza/cache';
import { errorFields, firstIdAt, idTime, type Context } from '@plaza/core';
import type { Db, Item } from '@plaza/dynamo';

import { placeOf, repostKey, storyKey } from '../../domain/home/entry.ts';
import type { HeadGeneration } from './head-generation.ts';
import type { Stretch } from './home-feed-store.ts';
import { keys, postsTable } from '../table.ts';

/** Entries that are remembered of each source. */
export const TIMELINE_CAP = 200;
/** Another replica's clock may be ahead, and with it the ids that it gives. */
const MAX_SKEW_MS = 60_000;
/** Queries for cold timelines at a time. */
const AT_ONCE = 32;

export type SourceTimelines = ReturnType<typeof createSourceTimelines>;

/**
 * What each source has published, passed on, bought, or what news there is of it, newest first: the truth that all feeds are made of.
 * Redis remembers the newest entries of each; deleted ones may be among them, and PRIVATE ones are: entries only propose.
 */
export const createSourceTimelines = (deps: { db: Db; heads: Timeline; generation: HeadGeneration }) => {
  const { db, heads, generation } = deps;

  /** Strongly consistent; says too which of the entries are PRIVATE posts, of their author's feed alone. */
  const fromTable = async (
    ctx: Context,
    sourceId: string,
    range: { before?: string | undefined; limit: number },
  ): Promise<Stretch & { readonly secret: ReadonlySet<string> }> => {
    const { before, limit } = range;
    const { pk } = keys.authorPost(sourceId, '');
    const newest = async (prefix: string, entryIn: (item: Item) => string) => {
      // Below the place and at it: keys of one place differ behind it.
      const sk = before === undefined ? { beginsWith: prefix } : { between: [prefix, `${prefix}${placeOf(before)}`] as const };
      const { items } = await db.query(ctx, postsTable, { pk, sk, descending: true, limit: limit + 2 });
      return items
        .map((item) => ({ entry: entryIn(item), isSecret: item['visibility'] === 'PRIVATE' }))
        .filter(({ entry }) => before === undefined || entry < before);
    };
    const found = await Promise.all([
      newest('P#', ({ sk }) => sk.slice('P#'.length)),
      newest('S#', (item) => storyEntry(sourceId, item)),
    ]);
    const entries = found.flat().sort((a, b) => (a.entry < b.entry ? 1 : -1));
    return {
      ids: entries.slice(0, limit).map(({ entry }) => entry),
      more: entries.length > limit,
      secret: new Set(entries.flatMap(({ entry, isSecret }) => (isSecret ? [entry] : []))),
    };
  };

  const warm = async (ctx: Context, sourceId: string, limit: number): Promise<Stretch> => {
    const token = await heads.begin(ctx, sourceId);
    if (token === undefined) return fromTable(ctx, sourceId, { limit });
    const { ids, more } = await fromTable(ctx, sourceId, { limit: TIMELINE_CAP });
    await heads.fill(ctx, sourceId, token, ids, more ? (ids.at(-1) ?? '') : '');
    return { ids: ids.slice(0, limit), more: more || ids.length > limit };
  };

  return {
    fromTable,

    /** Entries of each source below a position, aligned with the sources: what is remembered in one round trip, the rest by queries. */
    async pages(ctx: Context, sourceIds: readonly string[], before: string | undefined, limit: number): Promise<Stretch[]> {
      const found = await heads.pages(ctx, sourceIds, { before, limit: limit + 1 });
      const stretches: Stretch[] = [];
      for (let i = 0; i < sourceIds.length; i += AT_ONCE)
        stretches.push(
          ...(await Promise.all(
            sourceIds.slice(i, i + AT_ONCE).map(async (sourceId, j): Promise<Stretch> => {
              const head = found[i + j];
              if (head === undefined)
                return before === undefined ? warm(ctx, sourceId, limit) : fromTable(ctx, sourceId, { before, limit });
              if (head.ids.length > limit) return { ids: head.ids.slice(0, limit), more: true };
              if (head.reachedFloor) return { ids: head.ids, more: false };
              return fromTable(ctx, sourceId, { before, limit });
            }),
          )),
        );
      return stretches;
    },

    /** Ids that no entry of the source is above, the highest first; sources that never had an entry are left out. */
    async bounds(ctx: Context, sourceIds: readonly string[]): Promise<{ sourceId: string; bound: string }[]> {
      const marks = await db.batchGet(
        ctx,
        postsTable,
        sourceIds.flatMap((id) => [keys.authorLast(id), keys.lastStory(id)]),
      );
      const bounds = sourceIds.flatMap((sourceId, i) => {
        const last = marks.slice(2 * i, 2 * i + 2).flatMap((mark) => (mark ? [mark['lastId'] as string] : []));
        if (last.length === 0) return [];
        const newest = Math.max(...last.map((id) => idTime(id)));
        return [{ sourceId, bound: firstIdAt(newest + MAX_SKEW_MS) }];
      });
      return bounds.sort((a, b) => (a.bound < b.bound ? 1 : -1));
    },

    /** A new entry, after it was written: into what is remembered, if anything is. */
    async add(ctx: Context, sourceId: string, entry: string): Promise<void> {
      try {
        await heads.insert(ctx, [{ owner: sourceId, id: entry }]);
      } catch (error) {
        ctx.log.warn('feed.timeline_missed', errorFields(error));
        await generation.raise(ctx);
      }
    },

    /** One that is gone for good. If it stays in memory, it is hidden at each read. */
    async remove(ctx: Context, sourceId: string, entry: string): Promise<void> {
      await heads.remove(ctx, sourceId, [entry]).catch((error: unknown) => {
        ctx.log.warn('feed.timeline_kept', errorFields(error));
      });
    },

    /** A source that is erased is remembered no more. */
    async forget(ctx: Context, sourceId: string): Promise<void> {
      await heads.drop(ctx, sourceId).catch((error: unknown) => {
        ctx.log.warn('feed.timeline_kept', errorFields(error));
      });
    },
  };
};

const storyEntry = (sourceId: string, item: Item): string => {
  const place = item.sk.slice('S#'.length);
  return item['kind'] === 'REPOST' ? repostKey(place, sourceId, item['postId'] as string) : storyKey(place, sourceId);
};
