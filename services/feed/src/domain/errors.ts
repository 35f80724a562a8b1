import { AppError } from '@plaza/core';

/** Missing, deleted, not for the caller to see, somebody else's to delete: one answer, so that nothing can be probed. */
export const postNotFound = (): AppError => new AppError('NOT_FOUND', 'POST_NOT_FOUND', 'there is no such post');

export const authorNotFound = (): AppError => new AppError('NOT_FOUND', 'AUTHOR_NOT_FOUND', 'the author is not a user');

export const productNotFound = (productIds: readonly string[]): AppError =>
  new AppError('NOT_FOUND', 'PRODUCT_NOT_FOUND', 'a product card names no product', {
    metadata: { product_ids: productIds.join(',') },
  });

/** Fail closed: what cannot be checked is not shown. */
export const visibilityUnknown = (cause: unknown): AppError =>
  new AppError('UNAVAILABLE', 'VISIBILITY_UNKNOWN', 'who may see what cannot be checked now; try again', { cause });
