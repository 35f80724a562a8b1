/** What is shown of an order that its buyer shares. */
export interface Shared {
  readonly storyId: string;
  readonly userId: string;
  /** Of the order as it was seen when it was shared. */
  readonly version: number;
  /** Those that the buyer keeps; never empty. */
  readonly productIds: readonly string[];
}

/** All that was told of an order by those who may take its sharing back. Without `shared` it names nobody. */
export interface PurchaseRecord {
  readonly shared?: Shared;
  /** Version of the order that is shared no more. */
  readonly unshared?: number;
  /** Version of the last refund of each product. */
  readonly refunds: Readonly<Record<string, number>>;
}

export type PurchaseTold =
  | ({ readonly kind: 'SHARED' } & Shared)
  | { readonly kind: 'UNSHARED'; readonly version: number }
  | { readonly kind: 'REFUNDED'; readonly version: number; readonly productIds: readonly string[] };

const NOTHING: PurchaseRecord = { refunds: {} };

/**
 * What is known after one more event: the same whatever order they come in, and however often. Only a higher version takes back what a
 * purchase shows: what happened before it was shared, the order has minded. A product of which only some went back is taken out too:
 * nobody should be shown more than a buyer keeps.
 */
export const recordAfter = (before: PurchaseRecord = NOTHING, told: PurchaseTold): PurchaseRecord => {
  switch (told.kind) {
    case 'SHARED': {
      const { kind: _, ...shared } = told;
      return standing({ ...before, shared: before.shared ?? shared });
    }
    case 'UNSHARED':
      return standing({ ...before, unshared: Math.max(before.unshared ?? 0, told.version) });
    case 'REFUNDED': {
      const later = told.productIds.map((id) => [id, Math.max(before.refunds[id] ?? 0, told.version)] as const);
      return standing({ ...before, refunds: { ...before.refunds, ...Object.fromEntries(later) } });
    }
  }
};

/** What is not shown any more never is again, and is forgotten. */
const standing = ({ shared, ...rest }: PurchaseRecord): PurchaseRecord => {
  if (!shared || (rest.unshared ?? 0) > shared.version) return rest;
  const productIds = shared.productIds.filter((id) => (rest.refunds[id] ?? 0) <= shared.version);
  return productIds.length === 0 ? rest : { ...rest, shared: { ...shared, productIds } };
};
