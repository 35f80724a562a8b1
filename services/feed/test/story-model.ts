import { newId } from '@plaza/core';
import {
  orderRefunded,
  priceChanged,
  productSaved,
  productUnsaved,
  purchaseShared,
  purchaseUnshared,
  stockDepleted,
  stockRestocked,
} from '@plaza/events';
import { asUser, testContext } from '@plaza/testing';

import { entryOf, repostKey, storyKey } from '../src/domain/home/entry.ts';
import { MOST_NAMES, shownOf } from '../src/domain/home/merge.ts';
import { turnId } from '../src/domain/home/turn-id.ts';
import { keys, postsTable } from '../src/store/table.ts';
import { insist } from './feed-model.ts';
import type { simulate } from './simulated.ts';

export type StoryStep =
  | { readonly kind: 'repost' | 'undo'; readonly who: string; readonly which: number }
  | { readonly kind: 'edit'; readonly which: number; readonly visibility: 1 | 2 | 3 }
  | { readonly kind: 'delete'; readonly which: number }
  | { readonly kind: 'follow' | 'unfollow'; readonly who: string; readonly whom: string }
  | { readonly kind: 'save' | 'unsave'; readonly who: string }
  | { readonly kind: 'share'; readonly who: string }
  | { readonly kind: 'unshare' | 'refund'; readonly which: number }
  | { readonly kind: 'price' | 'sold-out' | 'restocked' }
  | { readonly kind: 'read'; readonly who: string }
  | { readonly kind: 'wipe' | 'sleep' | 'forget' };

/** Something that is so or not, each change of which took effect at some tick between the two. */
interface Change<T> {
  readonly begin: number;
  end: number;
  readonly to: T;
}

const MONEY = { currencyCode: 'EUR', units: 1n, nanos: 0 };

/** Plays what people do beside publishing: knows what no read may show, and what every feed has to be in the end. */
export const createStoryModel = (plaza: ReturnType<typeof simulate>, people: readonly string[]) => {
  const seller = people[0]!;
  const product = newId();
  plaza.products.set(product, seller);
  const posts: { postId: string; authorId: string; visibility: Change<number>[]; gone: Change<boolean>[] }[] = [];
  const reposts = new Map<string, Change<boolean>[]>();
  const orders: { orderId: string; userId: string; storyId: string; unshared: boolean; refunded: boolean }[] = [];
  const saves = new Map<string, boolean>();
  const news: { storyId: string; kind: 'price' | 'sold-out' | 'restocked' }[] = [];
  const leaks: unknown[] = [];
  let [version, hasSlept] = [10, false];

  const during = async <T>(changes: Change<T>[], to: T, call: () => Promise<unknown>): Promise<void> => {
    const change = { begin: plaza.tick(), end: Infinity, to };
    changes.push(change);
    await insist(call).catch(() => changes.splice(changes.indexOf(change), 1));
    change.end = plaza.tick();
  };

  const read = async (viewerId: string) => {
    const items: { key: string; by: string[] }[] = [];
    for (let pageToken = ''; ;) {
      const page = await plaza.feed.listHomeFeed(asUser(viewerId), { viewerId, pageSize: 3, pageToken, order: 0 });
      items.push(...page.items.map(({ itemId, by }) => ({ key: itemId, by: by.map(({ userId }) => userId) })));
      pageToken = page.nextPageToken;
      if (pageToken === '') return items;
    }
  };

  const mayShowRepost = (viewerId: string, userId: string, postId: string, start: number, end: number): boolean => {
    const post = posts.find((one) => one.postId === postId)!;
    const stood = possible(reposts.get(`${userId} ${postId}`) ?? [], start, end).includes(true);
    const isPublic = possible(post.visibility, start, end).includes(1);
    const isGone = post.gone.some((change) => change.end < start);
    return stood && isPublic && !isGone && plaza.followedWithin(viewerId, userId, start, end);
  };

  const watch = async (viewerId: string): Promise<void> => {
    const start = plaza.tick();
    const items = await insist(() => read(viewerId));
    const end = plaza.tick();
    if (items.some(({ key }, i) => i > 0 && key >= items[i - 1]!.key)) leaks.push({ disorder: items });
    for (const { key, by } of items) {
      const entry = entryOf(key);
      if (entry.kind === 'REPOST')
        leaks.push(...by.filter((who) => !mayShowRepost(viewerId, who, entry.postId, start, end)).map((who) => ({ who, key })));
      if (entry.kind === 'STORY' && entry.sourceId !== product && !plaza.followedWithin(viewerId, entry.sourceId, start, end))
        leaks.push({ viewerId, key });
    }
  };

  const turn = (kind: 'sold-out' | 'restocked') => {
    const turns = [{ productId: product, stockVersion: 1n }];
    const id = plaza.tell(kind === 'sold-out' ? stockDepleted : stockRestocked, { turns }, 1);
    news.push({ storyId: turnId(id, product), kind });
  };

  const play = async (step: StoryStep): Promise<void> => {
    const requestId = newId();
    switch (step.kind) {
      case 'repost':
      case 'undo': {
        const { postId } = posts[step.which]!;
        const name = `${step.who} ${postId}`;
        const changes = reposts.get(name) ?? [];
        reposts.set(name, changes);
        const request = { userId: step.who, postId, requestId };
        const call = step.kind === 'repost' ? plaza.posts.repost : plaza.posts.undoRepost;
        return during(changes, step.kind === 'repost', () => call(asUser(step.who), request));
      }
      case 'edit': {
        const { postId, authorId, visibility } = posts[step.which]!;
        const changes = { text: '', media: [], productIds: [], visibility: step.visibility };
        const request = { postId, changes, updateMask: ['visibility'], etag: '', requestId };
        return during<number>(visibility, step.visibility, () => plaza.posts.updatePost(asUser(authorId), request));
      }
      case 'delete': {
        const { postId, authorId, gone } = posts[step.which]!;
        return during(gone, true, () => plaza.posts.deletePost(asUser(authorId), { postId, requestId }));
      }
      case 'follow':
      case 'unfollow':
        if (step.who !== step.whom) plaza[step.kind](step.who, step.whom);
        return;
      case 'save':
      case 'unsave': {
        const isSaved = step.kind === 'save';
        saves.set(step.who, isSaved);
        const about = { userId: step.who, productId: product };
        if (!isSaved) return void plaza.tell(productUnsaved, about, version++);
        return void plaza.tell(productSaved, { ...about, saveTime: undefined }, version++);
      }
      case 'share': {
        const order = { orderId: newId(), userId: step.who };
        const storyId = plaza.tell(purchaseShared, { ...order, productIds: [product], payTime: undefined }, 5);
        orders.push({ ...order, storyId, unshared: false, refunded: false });
        return;
      }
      case 'unshare':
      case 'refund': {
        const order = orders.at(step.which);
        if (!order) return;
        const { orderId, userId } = order;
        order[step.kind === 'refund' ? 'refunded' : 'unshared'] = true;
        const lines = [{ productId: product, sellerId: seller, quantity: 1n }];
        const refund = { refundId: newId(), lines, amount: MONEY, complete: true, state: 'REFUNDED' };
        if (step.kind === 'refund') plaza.tell(orderRefunded, { orderId, userId, ...refund }, 7);
        else plaza.tell(purchaseUnshared, { orderId, userId }, 6);
        return;
      }
      case 'price': {
        const prices = { oldPrice: MONEY, newPrice: MONEY, changeTime: undefined };
        const storyId = plaza.tell(priceChanged, { productId: product, sellerId: seller, ...prices }, 1);
        return void news.push({ storyId, kind: 'price' });
      }
      case 'sold-out':
      case 'restocked':
        return turn(step.kind);
      case 'wipe':
        return plaza.wipe();
      case 'sleep':
        // Twice, and what is on its way would be no news any more.
        if (!hasSlept) plaza.sleep();
        hasSlept = true;
        return;
      case 'forget':
        return plaza.forget(people);
      case 'read':
        return watch(step.who);
    }
  };

  /** What somebody has passed on, by what they are told of themselves. */
  const repostsOf = async (userId: string): Promise<string[]> => {
    const { pk } = keys.mine(userId, '');
    const { items } = await plaza.db.query(testContext({ method: 'operator' }), postsTable, { pk });
    return items.flatMap(({ sk, ...row }) =>
      row['repostId'] === undefined ? [] : [repostKey(row['repostId'] as string, userId, sk.slice('P#'.length))],
    );
  };

  /** Of prices and of turns of one kind within an hour one is told, whichever comes first. */
  const toldNews = async () => {
    const { pk } = keys.story(product, '');
    const { items } = await plaza.db.query(testContext({ method: 'operator' }), postsTable, { pk, sk: { beginsWith: 'S#' } });
    const told = new Set(items.map(({ sk }) => sk.slice('S#'.length)));
    return (['price', 'sold-out', 'restocked'] as const).flatMap((kind) => {
      const all = news.filter((one) => one.kind === kind);
      const those = all.filter(({ storyId }) => told.has(storyId));
      if (those.length === 0 && all.length > 0) leaks.push({ missing: all });
      if (those.length > (hasSlept ? 2 : 1)) leaks.push({ many: those });
      return those;
    });
  };

  return {
    play,
    read,
    leaks,
    async publish(authorId: string): Promise<void> {
      const content = { text: 'x', media: [], productIds: [], visibility: 1 as const, requestId: '', replyToPostId: '' };
      const { post } = await plaza.posts.createPost(asUser(authorId), { authorId, ...content });
      const visibility = [{ begin: 0, end: plaza.tick(), to: 1 }];
      posts.push({ postId: post!.postId, authorId, visibility, gone: [] });
    },

    /** When all is quiet. */
    async wanted(viewerId: string): Promise<{ key: string; by: string[] }[]> {
      const made: string[] = [];
      const passed = new Set<string>();
      const sources = people.filter((one) => plaza.follows(viewerId, one));
      for (const { postId, authorId, gone } of posts) {
        if (gone.length > 0) continue;
        const { visibility } = (await plaza.posts.getPost(asUser(authorId), { postId })).post!;
        if (authorId === viewerId || (visibility !== 3 && sources.includes(authorId))) made.push(postId);
        if (visibility === 1) passed.add(postId);
      }
      const repostKeys = (await Promise.all(sources.map(repostsOf))).flat();
      const shown = (entry: ReturnType<typeof entryOf>) => entry.kind === 'REPOST' && passed.has(entry.postId);
      made.push(...repostKeys.filter((key) => shown(entryOf(key))));
      for (const { userId, storyId, unshared, refunded } of orders)
        if (sources.includes(userId) && !unshared && !refunded) made.push(storyKey(storyId, userId));
      for (const { storyId, kind } of await toldNews()) {
        if (sources.includes(seller) && kind !== 'sold-out') made.push(storyKey(storyId, seller));
        if (saves.get(viewerId)) made.push(storyKey(storyId, product));
      }
      const entries = made
        .sort()
        .reverse()
        .map((key) => ({ entry: entryOf(key) }));
      return shownOf(entries).map(({ entry }) => {
        if (entry.kind === 'STORY') return { key: entry.key, by: entry.sourceId === product ? [] : [entry.sourceId] };
        if (entry.kind === 'POST') return { key: entry.key, by: [] };
        const behind = entries.map((one) => one.entry).filter(({ key }) => key <= entry.key);
        const names = behind.flatMap((one) => (one.kind === 'REPOST' && one.postId === entry.postId ? [one.sourceId] : []));
        return { key: entry.key, by: [...new Set(names)].slice(0, MOST_NAMES) };
      });
    },
  };
};

/** What something may have been at some moment of a span: what was not certainly overwritten before, and was not written after. */
const possible = <T>(changes: readonly Change<T>[], start: number, end: number): T[] =>
  changes
    .filter((change) => change.begin <= end && !changes.some((other) => other.begin > change.end && other.end < start))
    .map(({ to }) => to);
