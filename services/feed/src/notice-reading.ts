import type { Context } from '@plaza/core';
import type { Notification } from '@plaza/proto/plaza/feed/v1/notification_service';

import { isUnread, type Notice, type Reading as NoticesRead } from './domain/notifications/notice.ts';
import { cutShort, emptyPage, filled, shownOf, type Facts, type Shown } from './domain/notifications/shown.ts';
import { isDeleted } from './domain/posts/post.ts';
import { toNotification } from './mapping-notices.ts';
import { viewerOf, type Decoration } from './mapping.ts';
import type { Peers } from './peers.ts';
import type { NoticeReader } from './store/notifications/notice-reader.ts';
import type { ListReader } from './store/posts/list-reader.ts';
import type { PostReader } from './store/posts/post-reader.ts';

/** People that are looked at of those who like a post: of more than these, the newest decide whether it is told at all. */
const LATELY = 8;
/** Rows that are read for one page at most, or who is hidden from would cost without end. */
const MOST_ROWS = 500;
/** Rows read at a time, whose truths are read together; of people who follow, as many as are told in one. */
const MOST_AT_ONCE = 26;
const FOLLOWERS_AT_ONCE = 101;

const NOTHING: Decoration = { users: new Map(), products: new Map() };
const UNCOUNTED = { likes: 0, reposts: 0, replies: 0, views: 0 };

/** What one user may be shown of a stretch of rows, aligned with them. */
export interface Judged {
  readonly shown: readonly (Shown | undefined)[];
  readonly decoration: Decoration;
}

export interface NoticePage {
  readonly items: readonly Notification[];
  /** All rows that were read, shown or not. */
  readonly rows: readonly Notice[];
  /** Place to go on after, if there may be more. */
  readonly next: string | undefined;
}

export type NoticeReading = ReturnType<typeof createNoticeReading>;

/** The one way from rows to notifications: the list, what is unread of it, and the stream all take it. */
export const createNoticeReading = (deps: {
  notices: Pick<NoticeReader, 'page' | 'saved'>;
  posts: Pick<PostReader, 'look' | 'getMany'>;
  lists: Pick<ListReader, 'spread'>;
  peers: Pick<Peers, 'verdicts' | 'judgedProducts' | 'decorate'>;
}) => {
  const { notices, posts, lists, peers } = deps;

  const peopleOf = async (ctx: Context, { kind, about }: Notice): Promise<Facts['people']> => {
    if (kind !== 'LIKE' && kind !== 'REPOST') return { ids: [], places: [], all: true };
    const { rows, end } = await lists.spread(kind === 'LIKE' ? 'LIKES' : 'REPOSTS', about)(ctx, undefined, LATELY);
    return { ids: rows.map(({ item }) => item['userId'] as string), places: rows.map(({ id }) => id), all: end };
  };

  const looksAt = async (ctx: Context, postIds: readonly string[], bare: boolean): Promise<Facts['look'][]> => {
    if (postIds.length === 0) return [];
    if (!bare) return posts.look(ctx, postIds, viewerOf(ctx.caller));
    const found = await posts.getMany(ctx, postIds);
    return found.map((post) => post && { post, counts: UNCOUNTED, mine: {} });
  };

  /**
   * By one read of posts, one question to the graph, and one to each of those who decorate; `bare` asks only for what decides.
   * @throws UNAVAILABLE VISIBILITY_UNKNOWN
   */
  const judge = async (
    ctx: Context,
    userId: string,
    rows: readonly Notice[],
    { unwanted }: NoticesRead,
    bare = false,
  ): Promise<Judged> => {
    const wanted = rows.filter(({ kind }) => !unwanted.includes(kind));
    const postIds = [...new Set(wanted.filter(isOfPost).map(({ about }) => about))];
    const [looks, people, saved] = await Promise.all([
      looksAt(ctx, postIds, bare),
      Promise.all(wanted.map((notice) => peopleOf(ctx, notice))),
      notices.saved(
        ctx,
        userId,
        wanted.filter(isOfProduct).map(({ about }) => about),
      ),
    ]);
    const lookOf = new Map(postIds.map((id, i) => [id, looks[i]]));
    // News of a product is judged by its seller; else products only decorate.
    const judged = saved.size === 0 ? undefined : await peers.judgedProducts(ctx, [...saved, ...productsIn(looks, bare)]);
    const sellers = new Map([...saved].map((id) => [id, judged?.get(id)?.sellerId]));
    const others = new Set([
      ...people.flatMap(({ ids }) => ids),
      ...wanted.filter(isOfPerson).map(({ about }) => about),
      ...looks.flatMap((look) => (look ? [look.post.authorId] : [])),
      ...[...sellers.values()].filter((id) => id !== undefined),
    ]);
    // Whoever calls is there; somebody whom an admin looks after may be gone.
    if (viewerOf(ctx.caller) === userId) others.delete(userId);
    const verdicts = await peers.verdicts(ctx, userId, [...others]);
    const shown = wanted.map((notice, i) =>
      shownOf(notice, {
        userId,
        look: lookOf.get(notice.about),
        people: people[i]!,
        verdicts,
        sellerId: sellers.get(notice.about),
      }),
    );
    const told = shown.filter((one) => one !== undefined);
    const { users, products } = await peers.decorate(ctx, {
      users: bare ? [] : told.flatMap(({ actors, look }) => [...actors, ...(look ? [look.post.authorId] : [])]),
      products: judged
        ? []
        : productsIn(
            told.map(({ look }) => look),
            bare,
          ),
    });
    const shownAt = new Map(wanted.map((notice, i) => [notice, shown[i]]));
    return {
      shown: rows.map((notice) => shownAt.get(notice)),
      decoration: { users, products: judged ?? products },
    };
  };

  /** Notices from below a place, down to another, as many as fill a page. */
  const fill = async (ctx: Context, userId: string, part: Part, reading: NoticesRead, bare = false) => {
    let page = emptyPage(part.below);
    let decoration = NOTHING;
    const rows: Notice[] = [];
    let older = 0;
    for (let limit = Math.min(part.size + 1, MOST_AT_ONCE); ;) {
      const stretch = await notices.page(ctx, userId, { above: part.above, below: page.after }, limit);
      const judged = await judge(ctx, userId, stretch.notices, reading, bare);
      decoration = both(decoration, judged.decoration);
      for (const [i, row] of stretch.notices.entries()) {
        const shown = judged.shown[i];
        // What happened since may not be for the user. It stands between others all the same.
        if (shown && shown.notice.place <= part.above) older++;
        page = filled(page, row, shown, part.size + older, reading);
        if (page.full) break;
        rows.push(row);
      }
      if (page.full) return { items: page.items, next: page.after, rows, decoration };
      if (stretch.end) return { items: page.items, next: undefined, rows, decoration };
      if (rows.length >= MOST_ROWS) {
        const cut = cutShort(page);
        return { items: cut.items, next: cut.after, rows, decoration };
      }
      if (stretch.notices.every(({ kind }) => kind === 'FOLLOW')) limit = FOLLOWERS_AT_ONCE;
    }
  };

  return {
    /**
     * What is shown of each of these rows, aligned.
     * @throws UNAVAILABLE VISIBILITY_UNKNOWN
     */
    async each(
      ctx: Context,
      userId: string,
      rows: readonly Notice[],
      reading: NoticesRead,
    ): Promise<(Notification | undefined)[]> {
      const { shown, decoration } = await judge(ctx, userId, rows, reading);
      return shown.map((one) => one && toNotification(one, reading, decoration));
    },

    /** @throws UNAVAILABLE VISIBILITY_UNKNOWN */
    async page(ctx: Context, userId: string, below: string | undefined, size: number, reading: NoticesRead): Promise<NoticePage> {
      const { items, next, rows, decoration } = await fill(ctx, userId, { below, above: '', size }, reading);
      // Rows stand where the last thing happened to them, be it for the user or not.
      const latestFirst = items.toSorted((a, b) => (a.notice.place < b.notice.place ? 1 : -1));
      return { items: latestFirst.map((item) => toNotification(item, reading, decoration)), rows, next };
    },

    /**
     * How many the list shows as unread.
     * @throws UNAVAILABLE VISIBILITY_UNKNOWN
     */
    async unread(ctx: Context, userId: string, most: number, reading: NoticesRead): Promise<{ unread: number; more: boolean }> {
      const part = { below: undefined, above: reading.readUpTo, size: most };
      const { items, next } = await fill(ctx, userId, part, reading, true);
      return { unread: items.filter(({ notice }) => isUnread(notice, reading)).length, more: next !== undefined };
    },
  };
};

interface Part {
  readonly below: string | undefined;
  readonly above: string;
  readonly size: number;
}

const productsIn = (looks: readonly Facts['look'][], bare: boolean): readonly string[] =>
  bare ? [] : looks.flatMap((look) => (look && !isDeleted(look.post) ? look.post.productIds : []));

const isOfPost = ({ kind }: Notice): boolean => kind === 'LIKE' || kind === 'REPOST' || kind === 'REPLY' || kind === 'MENTION';

const isOfProduct = ({ kind }: Notice): boolean => kind === 'PRODUCT_NEWS';

const isOfPerson = ({ kind }: Notice): boolean => kind === 'FOLLOW' || kind === 'FOLLOW_REQUEST';

const both = (a: Decoration, b: Decoration): Decoration => ({
  users: new Map([...a.users, ...b.users]),
  products: a.products && b.products && new Map([...a.products, ...b.products]),
});
