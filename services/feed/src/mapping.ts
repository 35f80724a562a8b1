import { idTime, invalidField, moneyOf, unreachable, type Caller, type TrendingWindow } from '@plaza/core';
import { FanoutMode, type GetFanoutStatusResponse } from '@plaza/proto/plaza/feed/v1/feed_admin_service';
import {
  FeedReason,
  FeedState as WireState,
  ProductNewsKind,
  type FeedItem,
  type ProductNews,
} from '@plaza/proto/plaza/feed/v1/feed_service';
import {
  MediaType,
  Post as PostMessage,
  PostVisibility as Wire,
  ProductCardState as CardState,
  type Author,
  type Media as MediaMessage,
  type PostCounts,
  type PostRevision,
  type PostViewer,
  type ProductCard,
} from '@plaza/proto/plaza/feed/v1/post';
import {
  TrendingWindow as WireWindow,
  type CreatePostRequest,
  type GetPostSalesResponse,
  type PostChanges,
} from '@plaza/proto/plaza/feed/v1/post_service';
import { Visibility, type AuthorVisibility } from '@plaza/proto/plaza/graph/v1/social_graph_service';
import type { Product } from '@plaza/proto/plaza/product/v1/product_service';
import type { User } from '@plaza/proto/plaza/user/v1/user_service';

import type { Entry } from './domain/home/entry.ts';
import type { News, Purchase } from './domain/home/story.ts';
import type { FeedState } from './domain/home/feed-state.ts';
import type { SourceMode } from './domain/home/mode.ts';
import type { Receipt } from './domain/home/receipt.ts';
import type { Counts, Look, Mine } from './domain/posts/look.ts';
import { beginOf, type PostPath, type Revision } from './domain/posts/edit.ts';
import type { Content, Draft, Media, Post, PostVisibility } from './domain/posts/post.ts';
import type { PostSales } from './domain/posts/sales.ts';
import { ANONYMOUS, type Verdict } from './domain/visible.ts';

/** Whose eyes read. An admin reads a post as anybody does: to moderate takes deleting, not private reading. */
export const viewerOf = (caller: Caller): string => {
  switch (caller.kind) {
    case 'user':
      return caller.userId;
    case 'service':
      return caller.userId ?? ANONYMOUS;
    case 'admin':
    case 'anonymous':
      return ANONYMOUS;
  }
};

export const toDraft = ({ authorId, ...content }: CreatePostRequest): Draft => ({ authorId, ...toContent(content) });

/** What the author wishes the post to say. */
export const toContent = ({ text, media, productIds, visibility }: PostChanges): Content => ({
  text,
  media: media.map(({ type, ...rest }) => ({ ...rest, type: type === MediaType.VIDEO ? 'VIDEO' : 'IMAGE' })),
  productIds,
  visibility: fromWire(visibility),
});

/**
 * What the author wishes an edit to make of the post.
 * @throws INVALID_ARGUMENT INVALID_FIELD for a visibility that is to change and is not told: PUBLIC must be meant
 */
export const toWish = (changes: PostChanges, paths: readonly PostPath[]): Content => {
  if (paths.includes('visibility') && changes.visibility === Wire.UNSPECIFIED)
    throw invalidField('changes.visibility', 'must be told when update_mask names it');
  return toContent(changes);
};

const fromWire = (visibility: Wire): PostVisibility => {
  switch (visibility) {
    case Wire.UNSPECIFIED:
    case Wire.PUBLIC:
      return 'PUBLIC';
    case Wire.FOLLOWERS:
      return 'FOLLOWERS';
    case Wire.PRIVATE:
    // The schema refuses unknown values; if one came through, it would be read by nobody else.
    case Wire.UNRECOGNIZED:
      return 'PRIVATE';
    default:
      return unreachable(visibility);
  }
};

/** What peers say of authors and products now. */
export interface Decoration {
  /** Those that are not known, or not told now, are left out. */
  readonly users: ReadonlyMap<string, User>;
  /** Those that are not there are left out; undefined if it was not told. */
  readonly products: ReadonlyMap<string, Product> | undefined;
}

/** What an author is answered: the post alone. */
export const toBareMessage = (post: Post): PostMessage =>
  PostMessage.fromPartial({
    postId: post.postId,
    authorId: post.authorId,
    text: post.text,
    productIds: [...post.productIds],
    hashtags: [...post.hashtags],
    mentions: [...post.mentions],
    visibility: Wire[post.visibility],
    etag: String(post.version),
    createTime: new Date(post.createdAt),
    media: post.media.map(toMedia),
    replyToPostId: post.replyToPostId ?? '',
    rootPostId: post.rootPostId,
    depth: post.depth,
    updateTime: post.updatedAt === undefined ? undefined : new Date(post.updatedAt),
  });

export const toRevision = ({ post, endedAt }: Revision): PostRevision => ({
  etag: String(post.version),
  text: post.text,
  media: post.media.map(toMedia),
  productIds: [...post.productIds],
  visibility: Wire[post.visibility],
  beginTime: new Date(beginOf(post)),
  endTime: new Date(endedAt),
});

/** What a reader is answered. */
export const toMessage = (post: Post, { counts, mine }: Pick<Look, 'counts' | 'mine'>, decoration: Decoration): PostMessage => ({
  ...toBareMessage(post),
  author: toAuthor(post.authorId, decoration.users.get(post.authorId)),
  products: post.productIds.map((id) => toCard(id, decoration.products)),
  counts: toCounts(counts),
  viewer: toViewerState(mine),
});

export const toViewerState = ({ likedAt, repostedAt, bookmarkedAt }: Mine): PostViewer => ({
  liked: likedAt !== undefined,
  reposted: repostedAt !== undefined,
  bookmarked: bookmarkedAt !== undefined,
});

export const toCounts = ({ likes, reposts, replies, views }: Counts): PostCounts => ({
  likes: BigInt(likes),
  reposts: BigInt(reposts),
  replies: BigInt(replies),
  views: BigInt(views),
});

export const toFeedState = ({ state }: Pick<FeedState, 'state'>): WireState =>
  state === 'READY' ? WireState.READY : WireState.REBUILDING;

/** The schema lets none but these pass. */
export const toWindow = (window: WireWindow): TrendingWindow =>
  window === WireWindow.HOUR ? 'HOUR' : window === WireWindow.WEEK ? 'WEEK' : 'DAY';

export const toSalesMessage = ({ orders, units, products }: PostSales): GetPostSalesResponse => ({
  orders: BigInt(orders),
  units: BigInt(units),
  products: products.map((each) => ({ productId: each.productId, orders: BigInt(each.orders), units: BigInt(each.units) })),
});

export const toMedia = ({ type, ...rest }: Media): MediaMessage => ({ ...rest, type: MediaType[type] });

/** Only the one value that says so makes an author visible. */
export const toVerdict = ({
  visibility,
  following,
  repostsMuted,
}: Pick<AuthorVisibility, 'visibility' | 'following' | 'repostsMuted'>): Verdict => ({
  // What is none of ours to know is no permission.
  hidden: visibility !== Visibility.VISIBLE && visibility !== Visibility.MUTED,
  muted: visibility === Visibility.MUTED,
  following,
  repostsMuted,
});

/** Of a user who is not known, or not told now, only the id. */
export const toAuthor = (userId: string, user: User | undefined): Author => ({
  userId,
  username: user?.username ?? '',
  displayName: user?.displayName ?? '',
});

export const toCard = (productId: string, products: Decoration['products']): ProductCard => {
  const product = products?.get(productId);
  return {
    productId,
    name: product?.name ?? '',
    price: product?.price,
    available: product?.available ?? 0n,
    state: products === undefined ? CardState.UNSPECIFIED : product === undefined ? CardState.GONE : CardState.LISTED,
  };
};

/** Undefined when all products that the item is about are gone. */
export const toFeedItem = (
  seen: { readonly entry: Entry; readonly look?: Look; readonly story?: Purchase | News; readonly by: readonly string[] },
  decoration: Decoration,
): FeedItem | undefined => {
  const { entry, look, story } = seen;
  const item = {
    post: look && toMessage(look.post, look, decoration),
    reason: entry.kind === 'REPOST' ? FeedReason.REPOST : FeedReason.FOLLOW,
    itemId: entry.key,
    by: seen.by.map((id) => toAuthor(id, decoration.users.get(id))),
    itemTime: new Date(idTime(entry.place)),
    productCards: [],
    news: undefined,
  };
  if (!story) return item;
  const productIds = story.kind === 'NEWS' ? [story.productId] : story.productIds;
  const cards = productIds.map((id) => toCard(id, decoration.products)).filter(({ state }) => state !== CardState.GONE);
  if (cards.length === 0) return undefined;
  return story.kind === 'NEWS'
    ? { ...item, reason: FeedReason.PRODUCT_NEWS, productCards: cards, news: toNews(story) }
    : // A friend's purchase is nobody's price list.
      { ...item, reason: FeedReason.PURCHASE, productCards: cards.map((card) => ({ ...card, price: undefined })) };
};

const toNews = ({ news, prices }: News): ProductNews => ({
  kind: ProductNewsKind[news],
  oldPrice: prices && moneyOf(prices.before),
  newPrice: prices && moneyOf(prices.after),
});

/** Who has no row is pushed, and was never counted. */
export const toFanoutStatus = (receipt: Receipt | undefined, mode: SourceMode | undefined): GetFanoutStatusResponse => ({
  mode: FANOUT_MODES[mode?.mode ?? 'PUSH'],
  followers: BigInt(mode?.followers ?? 0),
  postsPerDay: mode?.postsPerDay ?? 0,
  activeFollowers: BigInt(mode?.active ?? 0),
  decideTime: mode && new Date(mode.decidedAt),
  chunks: receipt?.chunks ?? 0,
  chunksDone: receipt?.done.size ?? 0,
  pushed: BigInt(receipt?.pushed ?? 0),
  hibernated: BigInt(receipt?.hibernated ?? 0),
  pulled: BigInt(receipt?.pulled ?? 0),
  pending: receipt === undefined ? 0 : receipt.chunks - receipt.done.size,
});

const FANOUT_MODES = {
  PUSH: FanoutMode.PUSH,
  MARKING: FanoutMode.TURNING_TO_PULL,
  PULL: FanoutMode.PULL,
} as const;
