import type { GraphClients } from '@plaza/clients';
import { assertAlive, inLanes, type Context } from '@plaza/core';
import type { FeedItem } from '@plaza/proto/plaza/feed/v1/feed_service';

import type { Entry } from '../domain/home/entry.ts';
import { visibilityUnknown } from '../domain/errors.ts';
import { isDeleted } from '../domain/posts/post.ts';
import { ANONYMOUS, belongsInFeed, type Verdict } from '../domain/visible.ts';
import type { FeedReading } from '../feed-reading.ts';
import { toVerdict, toViewerState } from '../mapping.ts';
import type { PostReader } from '../store/posts/post-reader.ts';

/** Viewers of one question, see the proto. */
export const AUDIENCE = 500;
/** Viewers who are asked about at a time where each needs an own question. */
const LANES = 8;

/** The entry as an item of each feed that may show it; viewers who may not see it are left out. At most 500. */
export type ItemsFor = (ctx: Context, entry: Entry, viewerIds: readonly string[]) => Promise<Map<string, FeedItem>>;

/** One entry, for all who wait for it: read, judged and decorated by as many calls as for one viewer. */
export const createAudience = (deps: {
  posts: Pick<PostReader, 'look' | 'mineOf'>;
  graph: Pick<GraphClients['graph'], 'checkAudience'>;
  feedReading: FeedReading;
}): ItemsFor => {
  const { posts, graph, feedReading } = deps;

  const verdicts = async (ctx: Context, authorId: string, viewerIds: readonly string[]): Promise<Map<string, Verdict>> => {
    try {
      const { viewers } = await graph.checkAudience(ctx, { authorId, viewerIds: [...viewerIds] });
      return new Map(viewers.map((viewer) => [viewer.viewerId, toVerdict(viewer)]));
    } catch (error) {
      assertAlive(ctx);
      throw visibilityUnknown(error);
    }
  };

  const post = async (ctx: Context, entry: Entry, postId: string, viewerIds: readonly string[]) => {
    const [look] = await posts.look(ctx, [postId], ANONYMOUS);
    if (look === undefined || isDeleted(look.post)) return new Map<string, FeedItem>();
    const found = { ...look, post: look.post };
    const verdictOf = await verdicts(ctx, found.post.authorId, viewerIds);
    const allowed = viewerIds.filter((viewerId) => belongsInFeed(found.post, viewerId, verdictOf.get(viewerId)));
    if (allowed.length === 0) return new Map<string, FeedItem>();
    const seen = { entry, look: found, by: [] };
    const [[item], mine] = await Promise.all([feedReading.present(ctx, [seen]), posts.mineOf(ctx, postId, allowed)]);
    if (!item?.post) return new Map<string, FeedItem>();
    const { post: shown } = item;
    return new Map(allowed.map((id, i) => [id, { ...item, post: { ...shown, viewer: toViewerState(mine[i]!) } }]));
  };

  /** Who passes something on, and who wrote it, are two authors, and more hangs on the viewer: each is judged as a page would. */
  const oneByOne = async (ctx: Context, entry: Entry, viewerIds: readonly string[]): Promise<Map<string, FeedItem>> => {
    const items = new Map<string, FeedItem>();
    await inLanes(viewerIds, LANES, async (userId) => {
      const asViewer: Context = { ...ctx, caller: { kind: 'user', userId } };
      const [seen] = await feedReading.judge(asViewer, [entry], userId);
      const [item] = seen ? await feedReading.present(asViewer, [seen]) : [];
      if (item) items.set(userId, item);
    });
    return items;
  };

  return (ctx, entry, viewerIds) =>
    entry.kind === 'POST' ? post(ctx, entry, entry.postId, viewerIds) : oneByOne(ctx, entry, viewerIds);
};
