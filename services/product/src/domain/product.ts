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

/** What the public may see and buy: nothing of a seller who is gone. */
export const offered = (products: readonly Product[], gone: ReadonlySet<string>): Product[] =>
  products.filter(({ sellerId }) => !gone.has(sellerId));
