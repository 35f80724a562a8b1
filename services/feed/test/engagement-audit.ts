import { postLiked, postUnliked, repostCreated, repostRemoved, type EventType, type OutboxRow } from '@plaza/events';
import type { Db, Item } from '@plaza/dynamo';
import { testContext } from '@plaza/testing';
import { expect } from 'vitest';

import { keys, postsTable, shardsOf, type SpreadList } from '../src/store/table.ts';

export const rowsOf = async (db: Db, list: SpreadList, postId: string): Promise<Item[]> => {
  const pages = await Promise.all(shardsOf(list, postId).map((pk) => db.query(testContext(), postsTable, { pk })));
  return pages.flatMap(({ items }) => items);
};

/** What a person's state rows say: "post id" of each kind. */
export const statesOf = async (db: Db, userId: string) => {
  const { pk, sk } = keys.mine(userId, '');
  const { items } = await db.query(testContext(), postsTable, { pk, sk: { beginsWith: sk } });
  const ids = (attribute: string) =>
    items
      .flatMap((item) => (item[attribute] === undefined ? [] : [`${item.sk.slice(sk.length)} ${String(item[attribute])}`]))
      .toSorted();
  return { rows: items.length, like: ids('likeId'), repost: ids('repostId'), bookmark: ids('bookmarkId'), items };
};

/** That state and lists say the same of everybody, and that no state row stands that says nothing. */
export const expectOneStory = async (db: Db, people: readonly string[], postIds: readonly string[]): Promise<void> => {
  const [likes, reposts] = [new Map<string, string[]>(), new Map<string, string[]>()];
  for (const postId of postIds)
    for (const [list, of] of [
      ['LIKES', likes],
      ['REPOSTS', reposts],
    ] as const)
      for (const { sk, userId } of await rowsOf(db, list, postId))
        of.set(String(userId), [...(of.get(String(userId)) ?? []), `${postId} ${sk}`]);
  for (const userId of people) {
    const { items, like, repost, bookmark } = await statesOf(db, userId);
    expect(like).toEqual((likes.get(userId) ?? []).toSorted());
    expect(repost).toEqual((reposts.get(userId) ?? []).toSorted());
    const { items: kept } = await db.query(testContext(), postsTable, { pk: keys.bookmark(userId, '').pk });
    expect(bookmark).toEqual(kept.map(({ sk, postId }) => `${String(postId)} ${sk}`).toSorted());
    const saysNothing = (item: Item) => !('likeId' in item || 'repostId' in item || 'bookmarkId' in item);
    expect(items.filter(saysNothing)).toEqual([]);
  }
};

/** That the counts of a post are what its lists hold. */
export const expectCounted = async (db: Db, postId: string): Promise<void> => {
  const [likes, reposts, replies] = await Promise.all(
    (['LIKES', 'REPOSTS', 'REPLIES'] as const).map(async (list) => (await rowsOf(db, list, postId)).length),
  );
  const row = await db.get(testContext(), postsTable, keys.counts(postId));
  const stored = ['likes', 'reposts', 'replies'].map((name) => Number(row?.[name] ?? 0));
  expect({ postId, stored }).toEqual({ postId, stored: [likes, reposts, replies] });
};

export const told = <T>(events: readonly OutboxRow[], type: EventType<T>): (T & { readonly trace: string })[] =>
  events.filter(({ subject }) => subject === type.subject).map(({ payload, trace }) => ({ ...type.decode(payload), trace }));

/** That each begin has at most one end, and is open only if it stands; of one person and one post at most one is open. */
export const expectAlternating = async (db: Db, events: readonly OutboxRow[], people: readonly string[]): Promise<void> => {
  const begun = told(events, repostCreated).map(({ repostId, userId, postId }) => `${userId} ${postId} ${repostId}`);
  const ended = told(events, repostRemoved).map(({ repostId, userId, postId }) => `${userId} ${postId} ${repostId}`);
  expect(new Set(begun).size).toBe(begun.length);
  expect(new Set(ended).size).toBe(ended.length);
  expect(ended.filter((each) => !begun.includes(each))).toEqual([]);
  const open: string[] = [];
  const liking: string[] = [];
  for (const userId of people) {
    const { repost, like } = await statesOf(db, userId);
    open.push(...repost.map((each) => `${userId} ${each}`));
    liking.push(...like.map((each) => `${userId} ${each.split(' ')[0]}`));
  }
  expect(begun.filter((each) => !ended.includes(each)).toSorted()).toEqual(open.toSorted());
  // A like has no name in its events: what is left when each end takes one begin away.
  const left = told(events, postLiked).map(({ userId, postId }) => `${userId} ${postId}`);
  for (const { userId, postId } of told(events, postUnliked)) {
    expect(left).toContain(`${userId} ${postId}`);
    left.splice(left.indexOf(`${userId} ${postId}`), 1);
  }
  expect(left.toSorted()).toEqual(liking.toSorted());
};
