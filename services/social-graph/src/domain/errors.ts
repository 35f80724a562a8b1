import { AppError } from '@plaza/core';

/** Every refusal of this service; the reasons are those of proto/plaza/graph/v1/error_reason.proto. */
export const selfFollow = (): AppError => new AppError('FAILED_PRECONDITION', 'SELF_FOLLOW', 'nobody follows themselves');

export const selfBlock = (): AppError => new AppError('FAILED_PRECONDITION', 'SELF_BLOCK', 'nobody blocks themselves');

export const selfMute = (): AppError => new AppError('FAILED_PRECONDITION', 'SELF_MUTE', 'nobody mutes themselves');

export const followLimit = (limit: number): AppError =>
  new AppError('FAILED_PRECONDITION', 'FOLLOW_LIMIT', `nobody follows more than ${limit}`, {
    metadata: { limit: String(limit) },
  });

export const userBlocked = (userId: string): AppError =>
  new AppError('FAILED_PRECONDITION', 'USER_BLOCKED', 'the follower blocks this user; unblock first', {
    metadata: { user_id: userId },
  });

export const userNotFound = (userId: string): AppError =>
  new AppError('NOT_FOUND', 'USER_NOT_FOUND', 'no such user', { metadata: { user_id: userId } });

export const requestNotFound = (followerId: string): AppError =>
  new AppError('NOT_FOUND', 'FOLLOW_REQUEST_NOT_FOUND', 'nobody of this id asks to follow', {
    metadata: { follower_id: followerId },
  });

export const importNotFound = (importId: string): AppError =>
  new AppError('NOT_FOUND', 'IMPORT_NOT_FOUND', 'no import of this id wrote anything in the last 7 days', {
    metadata: { import_id: importId },
  });
