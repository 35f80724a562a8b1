import { invalidField, maskPaths, type Caller } from '@plaza/core';

import { etagMismatch, productNotDeleted, productNotFound, restoreWindowOver } from './errors.ts';

const DAY_MS = 24 * 3_600_000;

/** For so long a deleted product can be brought back. */
const RESTORE_WINDOW_MS = 30 * DAY_MS;

/** A type alias, not an interface: only aliases may be stored as table values. */
export type Product = {
  readonly productId: string;
  readonly sellerId: string;
  readonly name: string;
  readonly description: string;
  readonly category: string;
  readonly price: { readonly currency: string; readonly minor: number };
  /** Grows by one with every change; caches and etags go by it. */
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Set while it is deleted: hidden, not for sale, and can be brought back. */
  readonly deletedAt?: number | undefined;
  /** Set when the seller was erased: name and description are gone for good, and nothing shows or sells it. */
  readonly erasedAt?: number | undefined;
};

/** A product and how many units a buyer may hope for. */
export type Listing = { readonly product: Product; readonly available: number };

/** What a seller decides, at the beginning and later. */
export type ProductChanges = Pick<Product, 'name' | 'description' | 'category' | 'price'>;

export type ProductDraft = ProductChanges & Pick<Product, 'sellerId'>;

export const newProduct = (productId: string, draft: ProductDraft, now: number): Product => ({
  productId,
  ...draft,
  version: 1,
  createdAt: now,
  updatedAt: now,
});

/** Whether it is for sale, as far as the product itself tells; its seller may be gone all the same. */
export const isListed = ({ deletedAt, erasedAt }: Product): boolean => deletedAt === undefined && erasedAt === undefined;

/** What the public may see and buy: nothing that is deleted, nothing of a seller who is gone or erased. */
export const offered = (products: readonly Product[], gone: ReadonlySet<string>): Product[] =>
  products.filter((product) => isListed(product) && !gone.has(product.sellerId));

/** Paths of UpdateProduct's mask. */
const PATHS = ['name', 'description', 'category', 'price'] as const satisfies (keyof ProductChanges)[];

export type ProductPath = (typeof PATHS)[number];

/**
 * The paths that a mask names, with values that can stand.
 * @throws INVALID_ARGUMENT INVALID_FIELD, also for a name or category that is to become empty
 */
export const pathsToChange = (mask: readonly string[], changes: { name: string; category: string }): ProductPath[] => {
  const paths = maskPaths(mask, PATHS);
  for (const path of ['name', 'category'] as const)
    if (paths.includes(path) && changes[path].trim() === '') throw invalidField(`changes.${path}`, 'must not be empty');
  return paths;
};

/** Only the seller and admins may change a product; to everybody else it is as good as missing. */
export const isManagedBy = ({ sellerId }: Product, caller: Caller): boolean =>
  caller.kind === 'admin' || (caller.kind === 'user' && caller.userId === sellerId);

/** @throws NOT_FOUND PRODUCT_NOT_FOUND, ABORTED ETAG_MISMATCH */
export const productToChange = (productId: string, product: Product | undefined, caller: Caller, etag: string): Product => {
  if (!product || !isManagedBy(product, caller) || !isListed(product)) throw productNotFound([productId]);
  if (etag !== '' && etag !== String(product.version)) throw etagMismatch(String(product.version));
  return product;
};

/** The product after the change, and what really changed: a value that stood before is no change. */
export const changedProduct = (
  product: Product,
  paths: readonly ProductPath[],
  changes: Partial<ProductChanges>,
  at: number,
): { product: Product; changed: readonly ProductPath[] } => {
  const changed = paths.filter((path) => textOf(changes[path]) !== textOf(product[path]));
  if (changed.length === 0) return { product, changed };
  const values = Object.fromEntries(changed.map((path) => [path, changes[path]]));
  return { product: { ...product, ...values, version: product.version + 1, updatedAt: at }, changed };
};

const textOf = (value: Product[ProductPath] | undefined): string =>
  typeof value === 'object' ? `${value.minor} ${value.currency}` : String(value);

export const deletedProduct = (product: Product, at: number): Product => ({
  ...product,
  version: product.version + 1,
  updatedAt: at,
  deletedAt: at,
});

export const restorableUntil = (deletedAt: number): number => deletedAt + RESTORE_WINDOW_MS;

/** @throws NOT_FOUND PRODUCT_NOT_FOUND, FAILED_PRECONDITION PRODUCT_NOT_DELETED or RESTORE_WINDOW_OVER */
export const restoredProduct = (productId: string, product: Product | undefined, caller: Caller, at: number): Product => {
  if (!product || !isManagedBy(product, caller)) throw productNotFound([productId]);
  const { deletedAt, ...kept } = product;
  if (product.erasedAt !== undefined) throw restoreWindowOver();
  if (deletedAt === undefined) throw productNotDeleted();
  if (at > restorableUntil(deletedAt)) throw restoreWindowOver();
  return { ...kept, version: product.version + 1, updatedAt: at };
};

/** What stays of a product whose seller was erased: its id, so that stock, orders and accounts keep what they refer to. */
export const tombstone = (product: Product, at: number): Product => ({
  ...product,
  name: '',
  description: '',
  version: product.version + 1,
  updatedAt: at,
  erasedAt: at,
});
