import { AppError } from '@plaza/core';

/** Every refusal of this service; the reasons are those of proto/plaza/graph/v1/error_reason.proto. */
export const selfFollow = (): AppError => new AppError('FAILED_PRECONDITION', 'SELF_FOLLOW', 'nobody follows themselves');

export const followLimit = (limit: number): AppError =>
  new AppError('FAILED_PRECONDITION', 'FOLLOW_LIMIT', `nobody follows more than ${limit}`, {
    metadata: { limit: String(limit) },
  });

export const userNotFound = (userId: string): AppError =>
  new AppError('NOT_FOUND', 'USER_NOT_FOUND', 'no such user', { metadata: { user_id: userId } });
