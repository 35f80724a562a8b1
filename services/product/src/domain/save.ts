/** That a person keeps a product in view. */
export type Save = {
  readonly userId: string;
  readonly productId: string;
  /** A ULID: a person's saves are listed by it, newest first. */
  readonly saveId: string;
  readonly savedAt: number;
};
