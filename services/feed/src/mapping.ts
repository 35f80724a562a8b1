import { unreachable, type Caller } from '@plaza/core';
import { FeedReason, type Author, type FeedItem, type ProductCard } from '@plaza/proto/plaza/feed/v1/feed_service';
import {
  PostVisibility as Wire,
  type CreatePostRequest,
  type Post as PostMessage,
} from '@plaza/proto/plaza/feed/v1/post_service';
import { Visibility, type AuthorVisibility } from '@plaza/proto/plaza/graph/v1/social_graph_service';
import type { Product } from '@plaza/proto/plaza/product/v1/product_service';
import type { User } from '@plaza/proto/plaza/user/v1/user_service';

import type { Draft, Post, PostVisibility } from './domain/posts/post.ts';
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

export const toDraft = ({ authorId, text, productIds, visibility }: CreatePostRequest): Draft => ({
  authorId,
  text,
  productIds,
  visibility: fromWire(visibility),
});

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

export const toMessage = (post: Post): PostMessage => ({
  postId: post.postId,
  authorId: post.authorId,
  text: post.text,
  productIds: [...post.productIds],
  hashtags: [...post.hashtags],
  mentions: [...post.mentions],
  visibility: Wire[post.visibility],
  etag: String(post.version),
  createTime: new Date(post.createdAt),
});

/** Only the one value that says so makes an author visible. */
export const toVerdict = ({ visibility, following }: AuthorVisibility): Verdict => ({
  // What is none of ours to know is no permission.
  hidden: visibility !== Visibility.VISIBLE && visibility !== Visibility.MUTED,
  muted: visibility === Visibility.MUTED,
  following,
});

/** What is not known of author and products stays a bare id. */
export const toFeedItem = (post: Post, users: ReadonlyMap<string, User>, products: ReadonlyMap<string, Product>): FeedItem => ({
  post: toMessage(post),
  author: toAuthor(post.authorId, users.get(post.authorId)),
  products: post.productIds.map((id) => toCard(id, products.get(id))),
  reason: FeedReason.FOLLOW,
});

const toAuthor = (userId: string, user: User | undefined): Author => ({
  userId,
  username: user?.username ?? '',
  displayName: user?.displayName ?? '',
});

const toCard = (productId: string, product: Product | undefined): ProductCard => ({
  productId,
  name: product?.name ?? '',
  price: product?.price,
  available: product?.available ?? 0n,
});
