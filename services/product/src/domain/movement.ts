/** What changed a product's units on hand; all movements of a product add up to them. A type, so that it is assignable to a row. */
export type Movement = {
  /** A ULID: of the call that corrected, or of the event that tells of the listing, the sale or the return. */
  readonly movementId: string;
  readonly productId: string;
  readonly kind: 'INITIAL' | 'CORRECTION' | 'SALE' | 'RETURN';
  readonly delta: number;
  /** Of a correction: as its author gave it. */
  readonly reason?: string | undefined;
  /** Of a correction: the author, `user:<id>` or `admin`. */
  readonly by?: string | undefined;
  /** Of a sale or a return. */
  readonly orderId?: string | undefined;
  readonly at: number;
};
