import type { Look } from '../posts/look.ts';
import type { Post, Tombstone } from '../posts/post.ts';
import { mayMeet, maySee, type Verdict } from '../visible.ts';
import { isUnread, type Notice, type Reading } from './notice.ts';

/** Named at most; the others are counted. */
export const MOST_ACTORS = 3;
/** People who follow, in one. */
export const MOST_FOLLOWERS = 100;

/** A notice as a user may read it. */
export interface Shown {
  /** The latest that is shown; of several people who follow, that of the last one. */
  readonly notice: Notice;
  /** The earliest that is in it. */
  readonly first: Notice;
  readonly actors: readonly string[];
  readonly actorCount: number;
  readonly look: Look | undefined;
}

/** What is true of a notice now. */
export interface Facts {
  readonly userId: string;
  /** Of the post that the notice is about. */
  readonly look: Look<Post | Tombstone> | undefined;
  /** Those who like it, or passed it on, the latest first, and the places of that; `all`: there are no others. */
  readonly people: { readonly ids: readonly string[]; readonly places: readonly string[]; readonly all: boolean };
  readonly verdicts: ReadonlyMap<string, Verdict>;
  /** Of the product, if it is there and the user keeps it in view. */
  readonly sellerId: string | undefined;
}

/** What the user is shown of it, if anything: of people who are hidden or muted, nothing. */
export const shownOf = (notice: Notice, facts: Facts): Shown | undefined => {
  const { userId, look, verdicts } = facts;
  switch (notice.kind) {
    case 'WELCOME':
    case 'ORDER':
      return { notice, first: notice, actors: [], actorCount: 0, look: undefined };
    case 'PRODUCT_NEWS':
      return isNews(facts) ? { notice, first: notice, actors: [], actorCount: 0, look: undefined } : undefined;
    case 'FOLLOW':
    case 'FOLLOW_REQUEST':
      return mayTell(notice.about, facts)
        ? { notice, first: notice, actors: [notice.about], actorCount: 1, look: undefined }
        : undefined;
    case 'LIKE':
    case 'REPOST':
      return engagementOf(notice, facts);
    case 'REPLY':
    case 'MENTION': {
      if (look === undefined || look.post.authorId === userId) return undefined;
      const { post, counts, mine } = look;
      if (!mayMeet(post, userId, verdicts.get(post.authorId))) return undefined;
      return { notice, first: notice, actors: [post.authorId], actorCount: 1, look: { post, counts, mine } };
    }
  }
};

/** As in feeds: of a muted seller too, but never of one who is hidden. */
const isNews = ({ userId, sellerId, verdicts }: Facts): boolean =>
  sellerId !== undefined && sellerId !== userId && verdicts.get(sellerId)?.hidden === false;

/** Who did it comes unasked, as in a list of everybody. */
const mayTell = (actorId: string, { userId, verdicts }: Pick<Facts, 'userId' | 'verdicts'>): boolean => {
  const verdict = verdicts.get(actorId);
  return actorId !== userId && verdict?.hidden === false && !verdict.muted;
};

const engagementOf = (notice: Notice, facts: Facts): Shown | undefined => {
  const { userId, look, people, verdicts } = facts;
  if (look === undefined || look.post.authorId !== userId || !maySee(look.post, userId, verdicts.get(userId))) return undefined;
  const { counts, mine } = look;
  const actors = people.ids.filter((id) => mayTell(id, facts));
  if (actors.length === 0) return undefined;
  const isLike = notice.kind === 'LIKE';
  const others = (isLike ? counts.likes : counts.reposts) - (people.ids.length - actors.length);
  const own = (isLike ? mine.likedAt : mine.repostedAt) !== undefined && !people.ids.includes(userId) ? 1 : 0;
  // The count follows behind the list, and tells too of those whom nobody has looked at.
  const actorCount = people.all ? actors.length : Math.max(actors.length, others - own);
  const latest = { ...notice, place: latestOf(notice, facts) };
  return {
    notice: latest,
    first: latest,
    actors: actors.slice(0, MOST_ACTORS),
    actorCount,
    look: { post: look.post, counts, mine },
  };
};

/**
 * When the latest happened that the user may be told of: of others not even the time. Never later than the notice; if all who were
 * looked at are, that of the notice must do.
 */
const latestOf = ({ place }: Notice, facts: Facts): string =>
  facts.people.places.find((each, i) => each <= place && mayTell(facts.people.ids[i]!, facts)) ?? place;

/** Two neighbours in the list as one, if both tell of people who follow and are both read or both not. `above` is the later one. */
export const joined = (above: Shown | undefined, below: Shown, reading: Reading): Shown | undefined => {
  if (above === undefined || above.notice.kind !== 'FOLLOW' || below.notice.kind !== 'FOLLOW') return undefined;
  if (isUnread(above.notice, reading) !== isUnread(below.notice, reading)) return undefined;
  const actorCount = above.actorCount + below.actorCount;
  if (actorCount > MOST_FOLLOWERS) return undefined;
  return { ...above, first: below.first, actors: [...above.actors, ...below.actors].slice(0, MOST_ACTORS), actorCount };
};

/** Rows of the list, looked at one after the other, fill a page. */
export interface Filling {
  readonly items: readonly Shown[];
  /** Place of the last row that the items, or what is left out between them, have taken. */
  readonly after: string | undefined;
  /** Where the last item begins: the place of the row before it. */
  readonly beforeLast: string | undefined;
  readonly full: boolean;
}

export const emptyPage = (after: string | undefined): Filling => ({ items: [], after, beforeLast: after, full: false });

/** `shown` is what may be shown of the row, if anything. A page is full when a row comes that would be one item too many. */
export const filled = (page: Filling, row: Notice, shown: Shown | undefined, size: number, reading: Reading): Filling => {
  if (page.full) return page;
  if (shown === undefined) return { ...page, after: row.place };
  const join = joined(page.items.at(-1), shown, reading);
  if (join) return { ...page, items: [...page.items.slice(0, -1), join], after: row.place };
  if (page.items.length === size) return { ...page, full: true };
  return { items: [...page.items, shown], after: row.place, beforeLast: page.after, full: false };
};

/**
 * What goes out when no more rows are to be read. People who follow are together on whatever page they come first, so that a list is
 * cut into the same items however it is paged: those who may go on are left to the next page.
 */
export const cutShort = ({ items, after, beforeLast }: Filling): { items: readonly Shown[]; after: string | undefined } =>
  items.length > 1 && items.at(-1)!.notice.kind === 'FOLLOW'
    ? { items: items.slice(0, -1), after: beforeLast }
    : { items, after };
