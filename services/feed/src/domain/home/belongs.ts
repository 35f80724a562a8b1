import type { Post, Tombstone } from '../posts/post.ts';
import { mayMeetInPublic, type Verdict } from '../visible.ts';
import type { Story } from './story.ts';

export type Verdicts = ReadonlyMap<string, Verdict>;

/** Whether what somebody else does comes to the viewer unasked. Without a verdict it does not. */
const isHeard = (sourceId: string, viewerId: string, verdict: Verdict | undefined): boolean =>
  sourceId !== viewerId && verdict !== undefined && verdict.following && !verdict.hidden && !verdict.muted;

/**
 * A post that somebody passed on comes to their followers as long as anybody may see it: who passes on and who wrote are each asked
 * about. What the viewer passes on is no news to them.
 */
export const repostBelongs = (
  post: Post | Tombstone | undefined,
  sourceId: string,
  viewerId: string,
  verdicts: Verdicts,
): post is Post => {
  const source = verdicts.get(sourceId);
  return (
    isHeard(sourceId, viewerId, source) &&
    source?.repostsMuted === false &&
    mayMeetInPublic(post, viewerId, post && verdicts.get(post.authorId))
  );
};

/**
 * Purchases come from buyers whom the viewer follows, news from sellers whom the viewer follows, and from products that the viewer
 * keeps in view, muted seller or not: but never of a seller who is hidden.
 */
export const storyBelongs = (story: Story, viewerId: string, verdicts: Verdicts, isKept: boolean): boolean => {
  switch (story.kind) {
    case 'REPOST':
      return false;
    case 'PURCHASE':
      return isHeard(story.sourceId, viewerId, verdicts.get(story.sourceId));
    case 'NEWS': {
      const { sourceId, sellerId } = story;
      if (sourceId === sellerId) return isHeard(sellerId, viewerId, verdicts.get(sellerId));
      const isThere = sellerId === viewerId ? verdicts.get(sellerId)?.hidden !== true : verdicts.get(sellerId)?.hidden === false;
      return isKept && isThere;
    }
  }
};

/** About whom the graph must be asked before a story is shown. */
export const peopleIn = (story: Story): string[] => (story.kind === 'NEWS' ? [story.sellerId] : [story.sourceId]);
