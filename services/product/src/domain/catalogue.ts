import { invalidField, type Caller } from '@plaza/core';

import type { PriceRange } from './price.ts';
import { isListed, type Listing } from './product.ts';

/** A list of the catalogue: of a category, of a seller, or of a seller's products in a category. */
export interface CatalogueList {
  /** Empty: any, but not both. */
  readonly category: string;
  readonly sellerId: string;
  readonly order: 'PRICE' | 'NEWEST';
  readonly range: PriceRange;
  readonly inStock: boolean;
  readonly showDeleted: boolean;
}

/** A place in a list, as an index proposes it. */
export interface Candidate {
  readonly productId: string;
  /** Of a list in the order of prices: the price by which it stands here. */
  readonly minor?: number | undefined;
}

/** @throws INVALID_ARGUMENT INVALID_FIELD for what cannot be listed, or not for this caller */
export const assertListable = ({ category, sellerId, order, showDeleted }: CatalogueList, caller: Caller): void => {
  if (category === '' && sellerId === '') throw invalidField('category', 'must be set unless seller_id is');
  if (!showDeleted) return;
  const mayAsk = caller.kind === 'admin' || (caller.kind === 'user' && caller.userId === sellerId);
  if (sellerId === '' || !mayAsk) throw invalidField('show_deleted', "is for a seller's own list, and for admins");
  if (order !== 'NEWEST') throw invalidField('show_deleted', 'needs order NEWEST: deleted products have no place by price');
};

/**
 * Whether the product really belongs where an index, which may be late, proposed it. One whose price moved is at its new place,
 * and is not shown at the old one too.
 */
export const belongs = (list: CatalogueList, { minor }: Candidate, { product, available }: Listing): boolean => {
  const { price, category, sellerId } = product;
  const { min, max } = list.range;
  return (
    (list.category === '' || category === list.category) &&
    (list.sellerId === '' || sellerId === list.sellerId) &&
    (minor === undefined || minor === price.minor) &&
    (min === undefined || price.minor >= min) &&
    (max === undefined || price.minor < max) &&
    (list.showDeleted || isListed(product)) &&
    product.erasedAt === undefined &&
    (!list.inStock || available > 0)
  );
};
