import { postLiked, postUnliked, repostCreated, repostRemoved, type EventType, type OutboxRow } from '@plaza/events';
import type { Db, Item } from '@plaza/dynamo';
import { testContext } from '@plaza/testing';
import { expect } from 'vitest';

import { ERASING } from './engagement-world.ts';
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
      .flatMap((item) => (item[attribute] === undefined ? [] : [`${item.sk.slice(sk.length)} ${item[attribute] as string}`]))
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
        of.set(userId as string, [...(of.get(userId as string) ?? []), `${postId} ${sk}`]);
  for (const userId of people) {
    const { items, like, repost, bookmark } = await statesOf(db, userId);
    expect(like).toEqual((likes.get(userId) ?? []).toSorted());
    expect(repost).toEqual((reposts.get(userId) ?? []).toSorted());
    const { items: kept } = await db.query(testContext(), postsTable, { pk: keys.bookmark(userId, '').pk });
    expect(bookmark).toEqual(kept.map(({ sk, postId }) => `${postId as string} ${sk}`).toSorted());
    const saysNothing = (item: Item) => !('likeId' in item || 'repostId' in item || 'bookmarkId' in item);
    expect(items.filter(saysNothing)).toEqual([]);
  }
};

/** What the lists of a post hold. */
export const listed = async (db: Db, postId: string) => {
  const rows = await Promise.all((['LIKES', 'REPOSTS', 'REPLIES'] as const).map((list) => rowsOf(db, list, postId)));
  const [likes, reposts, replies] = rows.map(({ length }) => length);
  return { likes, reposts, replies };
};

/** What is counted of it. */
export const counted = async (db: Db, postId: string) => {
  const row = await db.get(testContext(), postsTable, keys.counts(postId));
  return { likes: Number(row?.['likes'] ?? 0), reposts: Number(row?.['reposts'] ?? 0), replies: Number(row?.['replies'] ?? 0) };
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

/** That every event names the author of its post. */
export const expectAuthors = (events: readonly OutboxRow[], authorOf: ReadonlyMap<string, string>): void => {
  for (const type of [postLiked, postUnliked, repostCreated, repostRemoved])
    for (const { postId, authorId } of told<{ postId: string; authorId: string }>(events, type))
      expect(authorId).toBe(authorOf.get(postId));
};

/** That nothing is left of somebody, and that as much is noted as was told of it. */
export const expectErased = async (db: Db, events: readonly OutboxRow[], userId: string): Promise<void> => {
  expect((await statesOf(db, userId)).rows).toBe(0);
  const row = await db.get(testContext(), postsTable, keys.erasure(userId));
  const [likes, reposts] = [postUnliked, repostRemoved].map(
    (type) => told<{ userId: string }>(events, type).filter((event) => event.trace === ERASING && event.userId === userId).length,
  );
  expect({ likes: Number(row?.['likes'] ?? 0), reposts: Number(row?.['reposts'] ?? 0) }).toEqual({ likes, reposts });
};

/** That one request was answered the same each time, with what was done. It may be refused before or after that. */
export const expectOneAnswer = (answers: readonly unknown[], events: readonly OutboxRow[]): void => {
  const done = answers.filter((answer) => typeof answer !== 'string') as { likeTime?: Date; repostTime?: Date }[];
  expect(new Set(done.map((answer) => JSON.stringify(answer))).size).toBeLessThanOrEqual(1);
  const times = new Set([
    ...told(events, postLiked).map(({ likeTime }) => likeTime?.getTime()),
    ...told(events, repostCreated).map(({ repostTime }) => repostTime?.getTime()),
  ]);
  const answered = done.flatMap(({ likeTime, repostTime }) => (likeTime ?? repostTime)?.getTime() ?? []);
  expect(answered.filter((time) => !times.has(time))).toEqual([]);
};
