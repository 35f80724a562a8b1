import { isDeleted, type Post, type Tombstone } from '../posts/post.ts';
import type { Entry } from './entry.ts';
import type { Story } from './story.ts';

// Rules of its own, beside those of visible.ts: a checker that asks the checked would find nothing.

/** How a viewer stands to somebody, as the graph says to the author's side. */
export interface Stand {
  readonly hidden: boolean;
  readonly muted: boolean;
  readonly following: boolean;
  readonly repostsMuted: boolean;
}

export const STRANGER: Stand = { hidden: true, muted: false, following: false, repostsMuted: true };

/**
 * DUE: the feed has to show it. ALLOWED: the viewer may see it, but it has no place in the feed. FORBIDDEN: the viewer must not see it.
 */
export type Claim = 'DUE' | 'ALLOWED' | 'FORBIDDEN';

/** An entry with what it is about, as it stands now. */
export interface Matter {
  readonly entry: Entry;
  /** Of posts and reposts. */
  readonly post: Post | Tombstone | undefined;
  /** Of purchases and news. */
  readonly story: Story | undefined;
}

/** About whom the graph must be asked. */
export const peopleOf = ({ entry, post, story }: Matter): string[] => [
  ...(post && !isDeleted(post) ? [post.authorId] : []),
  ...(entry.kind === 'POST' ? [] : [story?.kind === 'NEWS' ? story.sellerId : entry.sourceId]),
];

type StandOf = (userId: string) => Stand;

/** `standOf` tells how the viewer stands to each of those, themselves included. */
export const claimOf = ({ entry, post, story }: Matter, viewerId: string, standOf: StandOf): Claim => {
  if (entry.kind === 'STORY') return claimOfStory(story, viewerId, standOf);
  if (post === undefined || isDeleted(post)) return 'FORBIDDEN';
  const author = standOf(post.authorId);
  const own = post.authorId === viewerId;
  if (author.hidden) return 'FORBIDDEN';
  if (!own && post.visibility === 'PRIVATE') return 'FORBIDDEN';
  if (!own && post.visibility === 'FOLLOWERS' && !author.following) return 'FORBIDDEN';
  if (entry.kind === 'POST') return own || (author.following && !author.muted) ? 'DUE' : 'ALLOWED';

  const source = standOf(entry.sourceId);
  if (source.hidden && entry.sourceId !== viewerId) return 'FORBIDDEN';
  const isHeard = entry.sourceId !== viewerId && source.following && !source.muted && !source.repostsMuted;
  return isHeard && post.visibility === 'PUBLIC' && (own || !author.muted) ? 'DUE' : 'ALLOWED';
};

/** Purchases are for followers alone. News of a product is for who keeps it in view: then it is told by the product's own timeline. */
const claimOfStory = (story: Story | undefined, viewerId: string, standOf: StandOf): Claim => {
  if (story === undefined || story.kind === 'REPOST') return 'FORBIDDEN';
  const whose = story.kind === 'NEWS' ? story.sellerId : story.sourceId;
  const { hidden, following, muted } = standOf(whose);
  if (hidden) return 'FORBIDDEN';
  if (story.kind === 'NEWS' && story.sourceId === story.productId) return 'DUE';
  if (story.kind === 'PURCHASE' && !following && whose !== viewerId) return 'FORBIDDEN';
  return whose !== viewerId && following && !muted ? 'DUE' : 'ALLOWED';
};

export interface Findings {
  /** Entries compared. */
  readonly items: number;
  readonly missing: readonly string[];
  readonly extra: readonly string[];
  readonly leaked: readonly string[];
}

/**
 * What a feed shows, against what it has to show, down to `floor`. `told`: what the timelines of its sources say; who is not told of
 * there has no place in the feed, whatever else speaks for it.
 */
export const compare = (feed: {
  readonly shown: readonly string[];
  readonly told: readonly string[];
  readonly floor: string;
  readonly claims: ReadonlyMap<string, Claim>;
}): Findings => {
  const { floor, claims } = feed;
  const shown = new Set(feed.shown.filter((key) => key >= floor));
  const told = new Set(feed.told.filter((key) => key >= floor));
  const is = (claim: Claim) => (key: string) => claims.get(key) === claim;
  return {
    items: new Set([...shown, ...told]).size,
    missing: [...told].filter(is('DUE')).filter((key) => !shown.has(key)),
    extra: [...shown].filter((key) => is('ALLOWED')(key) || (is('DUE')(key) && !told.has(key))),
    leaked: [...shown].filter(is('FORBIDDEN')),
  };
};

/** What both found: what was on its way, or went, in between is no fault. */
export const stillSo = (first: Findings, second: Findings): Findings => {
  const both = (kind: 'missing' | 'extra' | 'leaked') => second[kind].filter((key) => first[kind].includes(key));
  return { items: second.items, missing: both('missing'), extra: both('extra'), leaked: both('leaked') };
};

export const isClean = ({ missing, extra, leaked }: Findings): boolean => missing.length + extra.length + leaked.length === 0;
