import type { Amount } from '@plaza/core';

export type NewsKind = 'LISTED' | 'PRICE' | 'SOLD_OUT' | 'RESTOCKED';

/** What somebody bought and shares. */
export interface Purchase {
  readonly kind: 'PURCHASE';
  readonly sourceId: string;
  readonly orderId: string;
  /** Never empty. */
  readonly productIds: readonly string[];
}

/** News of a product, in the timeline of its seller or in its own. */
export interface News {
  readonly kind: 'NEWS';
  readonly sourceId: string;
  readonly news: NewsKind;
  readonly productId: string;
  readonly sellerId: string;
  /** With PRICE. */
  readonly prices?: { readonly before: Amount; readonly after: Amount };
}

/** What stands in a timeline beside posts. The id is in the entry's key. */
export type Story = { readonly kind: 'REPOST'; readonly sourceId: string; readonly postId: string } | Purchase | News;
