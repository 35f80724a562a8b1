/** A type alias, not an interface: only aliases may be stored as table values. */
export type Product = {
  readonly productId: string;
  readonly sellerId: string;
  readonly name: string;
  readonly description: string;
  readonly category: string;
  readonly price: { readonly currency: string; readonly minor: number };
  /** Grows with every change; caches keep the newest. */
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Set when the seller was erased: name and description are gone for good, and nothing shows or sells it. */
  readonly erasedAt?: number | undefined;
};

/** A product and how many units a buyer may hope for. */
export type Listing = { readonly product: Product; readonly available: number };

export type ProductDraft = Pick<Product, 'sellerId' | 'name' | 'description' | 'category' | 'price'>;

export const newProduct = (productId: string, draft: ProductDraft, now: number): Product => ({
  productId,
  ...draft,
  version: 1,
  createdAt: now,
  updatedAt: now,
});

/** What the public may see and buy: nothing of a seller who is gone or erased. */
export const offered = (products: readonly Product[], gone: ReadonlySet<string>): Product[] =>
  products.filter(({ sellerId, erasedAt }) => erasedAt === undefined && !gone.has(sellerId));

/** What stays of a product whose seller was erased: its id, so that stock, orders and accounts keep what they refer to. */
export const tombstone = (product: Product, at: number): Product => ({
  ...product,
  name: '',
  description: '',
  version: product.version + 1,
  updatedAt: at,
  erasedAt: at,
});
