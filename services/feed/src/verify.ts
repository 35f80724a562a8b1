import type { GraphClients } from '@plaza/clients';
import { assertAlive, inLanes, type Context } from '@plaza/core';
import { Visibility } from '@plaza/proto/plaza/graph/v1/social_graph_service';

import { visibilityUnknown } from './domain/errors.ts';
import { claimOf, compare, isClean, peopleOf, STRANGER, type Claim, type Findings, type Stand } from './domain/home/audit.ts';
import { entryOf } from './domain/home/entry.ts';
import type { FeedState } from './domain/home/feed-state.ts';
import { ANONYMOUS } from './domain/visible.ts';
import type { FeedReading } from './feed-reading.ts';
import type { Skeleton, SourcesOf } from './skeleton.ts';
import type { EntryReader } from './store/home/entry-reader.ts';
import type { SourceTimelines } from './store/home/source-timelines.ts';
import type { PostReader } from './store/posts/post-reader.ts';

/** Keys of one read, at most. */
const STEP = 100;
/** So many keys are looked at for each item that is wanted, and no more. */
const KEYS_AN_ITEM = 5;
/** Timelines, and questions to the graph, at a time. */
const LANES = 8;

export type Verify = ReturnType<typeof createVerify>;

/** What a feed shows, compared with the truth, which is read past rows, heads, marks and the rules that the feed is judged by. */
export const createVerify = (deps: {
  skeleton: Pick<Skeleton, 'open'>;
  feedReading: Pick<FeedReading, 'judge'>;
  timelines: Pick<SourceTimelines, 'fromTable'>;
  sourcesOf: SourcesOf;
  posts: Pick<PostReader, 'getMany'>;
  entries: Pick<EntryReader, 'look'>;
  graph: Pick<GraphClients['graph'], 'checkAudience'>;
}) => {
  const { skeleton, feedReading, timelines, sourcesOf, posts, entries: reader, graph } = deps;

  /** As pages go, down to so many items. `floor`: the last key that was looked at; '' if that was all. */
  const shownTo = async (ctx: Context, viewerId: string, most: number) => {
    const feed = await skeleton.open(ctx, viewerId, { wake: false });
    const shown: string[] = [];
    let floor: string | undefined;
    for (let keys = 0; ;) {
      const { ids, more } = await feed.page(floor, Math.min(STEP, most));
      const seen = await feedReading.judge(ctx, ids.map(entryOf), viewerId);
      shown.push(...ids.filter((_, i) => seen[i] !== undefined));
      if (!more || ids.length === 0) return { state: feed.state, shown, floor: '' };
      floor = ids.at(-1)!;
      keys += ids.length;
      if (shown.length >= most || keys >= most * KEYS_AN_ITEM) return { state: feed.state, shown, floor };
    }
  };

  /** What all sources say down to a key, each read from the table alone; if that is too much, down to the floor that comes with it. */
  const toldTo = async (ctx: Context, viewerId: string, from: string, most: number) => {
    let [told, floor] = [[] as string[], from];
    await inLanes([...new Set(await sourcesOf(ctx, viewerId))], LANES, async (sourceId) => {
      for (let before: string | undefined; ;) {
        const { ids, more } = await timelines.fromTable(ctx, sourceId, { before, limit: Math.min(STEP, most) });
        told = [...told, ...ids].filter((key) => key >= floor);
        if (told.length > most * KEYS_AN_ITEM) {
          told = told.sort().slice(-most * KEYS_AN_ITEM);
          floor = told[0]!;
        }
        before = ids.at(-1);
        if (!more || before === undefined || before <= floor) return;
      }
    });
    return { told, floor };
  };

  const standsOf = async (ctx: Context, viewerId: string, userIds: readonly string[]): Promise<Map<string, Stand>> => {
    const stands = new Map<string, Stand>();
    const ask = async (authorId: string) => {
      const { viewers } = await graph.checkAudience(ctx, { authorId, viewerIds: [viewerId] });
      const [own] = viewers;
      if (!own) return;
      const isOpen = own.visibility === Visibility.VISIBLE || own.visibility === Visibility.MUTED;
      const { following, repostsMuted } = own;
      stands.set(authorId, { hidden: !isOpen, muted: own.visibility === Visibility.MUTED, following, repostsMuted });
    };
    try {
      await inLanes([...new Set(userIds)], LANES, ask);
    } catch (error) {
      assertAlive(ctx);
      throw visibilityUnknown(error);
    }
    return stands;
  };

  /** What each entry may claim, by posts and graph as they are now. */
  const claimsOf = async (ctx: Context, viewerId: string, keys: readonly string[]): Promise<Map<string, Claim>> => {
    const entries = keys.map(entryOf);
    const postIds = [...new Set(entries.flatMap((entry) => (entry.kind === 'STORY' ? [] : [entry.postId])))];
    const stories = entries.filter(({ kind }) => kind === 'STORY');
    const [posted, said] = await Promise.all([
      posts.getMany(ctx, postIds),
      reader.look(ctx, stories, { viewerId, callerId: ANONYMOUS }),
    ]);
    const postOf = new Map(postIds.map((id, i) => [id, posted[i]]));
    const storyOf = new Map(stories.map(({ key }, i) => [key, said[i]!.story]));
    const matters = entries.map((entry) => ({
      entry,
      post: entry.kind === 'STORY' ? undefined : postOf.get(entry.postId),
      story: storyOf.get(entry.key),
    }));
    const stands = await standsOf(ctx, viewerId, matters.flatMap(peopleOf));
    const standOf = (userId: string) => stands.get(userId) ?? STRANGER;
    return new Map(matters.map((matter) => [matter.entry.key, claimOf(matter, viewerId, standOf)]));
  };

  /** Down to `most` items. @throws UNAVAILABLE VISIBILITY_UNKNOWN */
  const verify = async (ctx: Context, viewerId: string, most: number): Promise<Findings & { readonly state: FeedState }> => {
    const { state, shown: all, floor: lowest } = await shownTo(ctx, viewerId, most);
    const { told, floor } = await toldTo(ctx, viewerId, lowest, most);
    const shown = all.filter((key) => key >= floor);
    const claims = await claimsOf(ctx, viewerId, [...new Set([...shown, ...told])]);
    const findings = compare({ shown, told, floor, claims });
    if (isClean(findings)) return { ...findings, state };
    // What has changed between the two looks is no fault: what is hidden by now was shown by right before.
    const suspects = [...findings.extra, ...findings.leaked];
    const now = await feedReading.judge(ctx, suspects.map(entryOf), viewerId);
    const still = new Set(suspects.filter((_, i) => now[i] !== undefined));
    const stands = (key: string) => still.has(key);
    return { ...findings, extra: findings.extra.filter(stands), leaked: findings.leaked.filter(stands), state };
  };

  return { verify, standsOf };
};
