import type { Amount } from '@plaza/core';

export const NOTICE_KINDS = [
  'WELCOME',
  'FOLLOW',
  'FOLLOW_REQUEST',
  'LIKE',
  'REPOST',
  'REPLY',
  'MENTION',
  'ORDER',
  'PRODUCT_NEWS',
] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

export type OrderStep = 'PAID' | 'FAILED' | 'CANCELLED' | 'SHIPPED' | 'DELIVERED' | 'REFUNDED';

export type News =
  | { readonly kind: 'PRICE'; readonly oldPrice: Amount; readonly newPrice: Amount }
  | { readonly kind: 'SOLD_OUT' | 'RESTOCKED' };

/** All that happens to the same thing is one. */
export interface Group {
  readonly kind: NoticeKind;
  /** Who follows or asks; the post that is liked, passed on or read, also the answer itself; the order; the product. None: WELCOME. */
  readonly about: string;
}

/**
 * That something happened to a group, and when, not who did it or how many: that is read from where it is true. Of one group the
 * latest counts, in whatever order they come.
 */
export interface Notice extends Group {
  /** ULID of the latest that happened, a function of its event alone. One user's are unique. */
  readonly place: string;
  readonly step?: OrderStep | undefined;
  readonly news?: News | undefined;
  /** It is over, and nobody is to be told of it. */
  readonly over?: true;
}

/** What happened for somebody. */
export interface Telling {
  readonly userId: string;
  readonly notice: Notice;
}

export interface Reading {
  /** Everything up to this place has been read; empty: nothing. */
  readonly readUpTo: string;
  readonly unwanted: readonly NoticeKind[];
}

/** Names the group; stays the same when more happens to it. */
export const groupId = ({ kind, about }: Group): string => (about === '' ? kind : `${kind}#${about}`);

export const groupOf = (id: string): Group => {
  const [kind, about = ''] = id.split('#');
  return { kind: kind as NoticeKind, about };
};

export const later = (a: Notice, b: Notice): Notice => (a.place < b.place ? b : a);

export const isUnread = ({ place }: Notice, { readUpTo }: Reading): boolean => place > readUpTo;
