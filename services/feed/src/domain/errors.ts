import { AppError } from '@plaza/core';

/** Missing, deleted, not for the caller to see, somebody else's to delete: one answer, so that nothing can be probed. */
export const postNotFound = (): AppError => new AppError('NOT_FOUND', 'POST_NOT_FOUND', 'there is no such post');

export const authorNotFound = (): AppError => new AppError('NOT_FOUND', 'AUTHOR_NOT_FOUND', 'the author is not a user');

export const productNotFound = (field: string, productIds: readonly string[]): AppError =>
  new AppError('NOT_FOUND', 'PRODUCT_NOT_FOUND', 'a product card names no product', {
    metadata: { product_ids: productIds.join(',') },
    violations: [{ field, description: `names no product: ${productIds.join(', ')}` }],
  });

/** Fail closed: what cannot be checked is not shown. */
export const visibilityUnknown = (cause: unknown): AppError =>
  new AppError('UNAVAILABLE', 'VISIBILITY_UNKNOWN', 'who may see what cannot be checked now; try again', { cause });

export const replyToNotFound = (): AppError =>
  new AppError('NOT_FOUND', 'REPLY_TO_NOT_FOUND', 'the post to be answered is not there, or not for the author to see', {
    violations: [{ field: 'reply_to_post_id', description: 'names no post that the author may see' }],
  });

export const textTooLong = (field: string, characters: number, max: number): AppError =>
  new AppError('INVALID_ARGUMENT', 'TEXT_TOO_LONG', `a text of ${characters} characters; ${max} are allowed`, {
    metadata: { characters: String(characters), max: String(max) },
    violations: [{ field, description: `must have at most ${max} characters` }],
  });

export const postEmpty = (field: string): AppError =>
  new AppError('INVALID_ARGUMENT', 'POST_EMPTY', 'a post needs a text, media or a product', {
    violations: [{ field, description: 'is empty, and so are media and product_ids' }],
  });

export const etagMismatch = (etag: string): AppError =>
  new AppError('ABORTED', 'ETAG_MISMATCH', 'the post has changed; read it again', { metadata: { etag } });

export const editLimit = (max: number): AppError =>
  new AppError('FAILED_PRECONDITION', 'EDIT_LIMIT', `a post may be edited ${max} times`, { metadata: { max: String(max) } });

export const repostNotAllowed = (): AppError =>
  new AppError('FAILED_PRECONDITION', 'REPOST_NOT_ALLOWED', 'only a PUBLIC post may be passed on');

export const rankingExpired = (): AppError =>
  new AppError('FAILED_PRECONDITION', 'RANKING_EXPIRED', 'the ranking is kept for 10 minutes; begin again without a page token');

export const hashtagInvalid = (): AppError =>
  new AppError('INVALID_ARGUMENT', 'HASHTAG_INVALID', 'hashtag: no post could have it', {
    violations: [{ field: 'hashtag', description: 'must be letters, digits and "_", with a letter, at most 50' }],
  });
