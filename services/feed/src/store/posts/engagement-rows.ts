import type { Context } from '@plaza/core';
import { all, eq, exists, insert, lacks, remove, update, type Condition, type Item, type WriteOp } from '@plaza/dynamo';
import { outboxRow, postLiked, postUnliked, repostCreated, repostRemoved, type OutboxRow } from '@plaza/events';

import { ENGAGEMENT_KINDS, type Engagement, type EngagementKind, type Mark } from '../../domain/posts/engagement.ts';
import { repostStoryRow } from '../home/story-row.ts';
import { keys, postsTable } from '../table.ts';

/** What is written, and what is told of it, if anything. */
export interface Step {
  /** The first one is the state; it fails when that is not as it was taken to be. */
  readonly rows: readonly WriteOp[];
  readonly event: OutboxRow | undefined;
}

type Pair = Pick<Engagement, 'userId' | 'postId'>;
type About = Omit<Engagement, 'marks'>;

/** Attributes of the state row, see `mineIn`, which reads them for posts that are shown. */
const ATTRIBUTES = {
  like: { id: 'likeId', at: 'likedAt' },
  repost: { id: 'repostId', at: 'repostedAt' },
  bookmark: { id: 'bookmarkId', at: 'bookmarkedAt' },
} as const;

export const markIn = (kind: EngagementKind, item: Item | undefined): Mark | undefined => {
  const { id, at } = ATTRIBUTES[kind];
  return item?.[id] === undefined ? undefined : { id: item[id] as string, at: Number(item[at]) };
};

export const engagementIn = (userId: string, item: Item): Engagement => ({
  userId,
  postId: item.sk.slice('P#'.length),
  authorId: item['authorId'] as string,
  marks: Object.fromEntries(ENGAGEMENT_KINDS.flatMap((kind) => (markIn(kind, item) ? [[kind, markIn(kind, item)]] : []))),
});

/** The state row says this mark, or none, of one kind. */
export const says = (kind: EngagementKind, mark: Mark | undefined): Condition => {
  const { id } = ATTRIBUTES[kind];
  return mark === undefined ? lacks(id) : eq(id, mark.id);
};

/** Begins one kind; others of the same person with the same post may begin and end at the same time. */
export const beginning = (ctx: Context, kind: EngagementKind, about: About, mark: Mark): Step => {
  const { id, at } = ATTRIBUTES[kind];
  const set = { authorId: about.authorId, [id]: mark.id, [at]: mark.at };
  const event = begun(ctx, kind, about, mark);
  return {
    rows: [
      update(postsTable, keys.mine(about.userId, about.postId), { set }, says(kind, undefined)),
      insert(postsTable, listRow(kind, about, mark)),
      ...(kind === 'repost' ? toldBy(about, mark) : []),
      ...(event ? [insert(postsTable, event)] : []),
    ],
    event,
  };
};

/** Ends one kind; whoever has done nothing else with the post has no state row any more. */
export const ending = (ctx: Context, kind: EngagementKind, engagement: Engagement, at: number): Step => {
  const { userId, postId, marks } = engagement;
  const row = keys.mine(userId, postId);
  const isLast = ENGAGEMENT_KINDS.every((other) => other === kind || marks[other] === undefined);
  // As it was read, in every kind: two that end at once must not each leave the row to the other.
  const asRead = all(...ENGAGEMENT_KINDS.map((each) => says(each, marks[each])));
  const { id, at: since } = ATTRIBUTES[kind];
  const event = ended(ctx, kind, engagement, at);
  return {
    rows: [
      isLast ? remove(postsTable, row, asRead) : update(postsTable, row, { remove: [id, since] }, asRead),
      remove(postsTable, listKey(kind, engagement, marks[kind]!), exists()),
      ...(kind === 'repost' ? [remove(postsTable, keys.story(userId, marks[kind]!.id))] : []),
      ...(event ? [insert(postsTable, event)] : []),
    ],
    event,
  };
};

/** Ends all that somebody has done with a post who begins nothing any more; what ended since it was read fails on its list row. */
export const endingAll = (ctx: Context, engagement: Engagement, at: number): WriteOp[] => {
  const { userId, postId, marks } = engagement;
  const standing = ENGAGEMENT_KINDS.filter((kind) => marks[kind] !== undefined);
  return [
    remove(postsTable, keys.mine(userId, postId)),
    ...standing.flatMap((kind) => ending(ctx, kind, engagement, at).rows.slice(1)),
  ];
};

/** What is passed on stands in the timeline of who passes it on, which their followers' feeds are made of. */
const toldBy = (about: About, { id }: Mark): WriteOp[] => [
  insert(postsTable, repostStoryRow(about.userId, id, about)),
  // Whoever is overtaken by themselves makes it lower by less than clocks differ, which its readers allow for.
  update(postsTable, keys.lastStory(about.userId), { set: { lastId: id } }),
];

const listKey = (kind: EngagementKind, { userId, postId }: Pair, { id }: Mark) => {
  switch (kind) {
    case 'like':
      return keys.like(postId, id);
    case 'repost':
      return keys.repost(postId, id);
    case 'bookmark':
      return keys.bookmark(userId, id);
  }
};

const listRow = (kind: EngagementKind, pair: Pair, mark: Mark) => ({
  ...listKey(kind, pair, mark),
  ...(kind === 'bookmark' ? { postId: pair.postId } : { userId: pair.userId }),
  [ATTRIBUTES[kind].at]: mark.at,
});

/**
 * The event bears the id of what began, so that what is told of it is found again in the list. Whom a post is kept in mind by is nobody's
 * business.
 */
const begun = (ctx: Context, kind: EngagementKind, { userId, postId, authorId }: About, { id, at }: Mark) => {
  const [who, when] = [{ userId, postId, authorId }, new Date(at)];
  switch (kind) {
    case 'like':
      return { ...outboxRow(postLiked, { ...who, likeTime: when }, from(ctx, userId, at)), sk: id };
    case 'repost':
      return { ...outboxRow(repostCreated, { ...who, repostId: id, repostTime: when }, from(ctx, userId, at)), sk: id };
    case 'bookmark':
      return undefined;
  }
};

const ended = (ctx: Context, kind: EngagementKind, { userId, postId, authorId, marks }: Engagement, at: number) => {
  const who = { userId, postId, authorId };
  switch (kind) {
    case 'like':
      return outboxRow(postUnliked, who, from(ctx, userId, at));
    case 'repost':
      return outboxRow(repostRemoved, { ...who, repostId: marks[kind]!.id }, from(ctx, userId, at));
    case 'bookmark':
      return undefined;
  }
};

/** Spread over the outbox by who did it: ten thousand who like one post at once must not wait in one partition. */
const from = (ctx: Context, userId: string, at: number) => ({ aggregateId: userId, version: at, at, trace: ctx.trace });
