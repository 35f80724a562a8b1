import { AppError } from '@plaza/core';

/** Every refusal of the user service, by name. Reasons are those of proto/plaza/user/v1/error_reason.proto. */

export const usernameTaken = (username: string) =>
  new AppError('ALREADY_EXISTS', 'USERNAME_TAKEN', 'another user holds this username', { metadata: { username } });

export const emailTaken = () => new AppError('ALREADY_EXISTS', 'EMAIL_TAKEN', 'another user holds this e-mail address');

export const userNotFound = (userId?: string) =>
  new AppError('NOT_FOUND', 'USER_NOT_FOUND', 'no such user', userId === undefined ? {} : { metadata: { userId } });

export const passwordCommon = (field: string) =>
  new AppError('INVALID_ARGUMENT', 'PASSWORD_COMMON', `${field}: is one of the most used passwords`, {
    violations: [{ field, description: 'is one of the most used passwords' }],
  });

/** Not UNAUTHENTICATED: whoever calls is signed in, and stays so. */
export const passwordWrong = () =>
  new AppError('INVALID_ARGUMENT', 'PASSWORD_WRONG', 'current_password: is not the password of this user', {
    violations: [{ field: 'current_password', description: 'is not the password of this user' }],
  });

/** One answer for an unknown login, a user without a password and a wrong password. */
export const badCredentials = () => new AppError('UNAUTHENTICATED', 'BAD_CREDENTIALS', 'unknown login or wrong password');

/** One answer for an unknown session, another's and one that has ended. */
export const sessionNotFound = () => new AppError('NOT_FOUND', 'SESSION_NOT_FOUND', 'no such session, or it has ended');

export const refreshTokenInvalid = () =>
  new AppError('UNAUTHENTICATED', 'REFRESH_TOKEN_INVALID', 'the refresh token is unknown, expired, used or revoked');

export const amountInvalid = (field: string, description: string) =>
  new AppError('INVALID_ARGUMENT', 'AMOUNT_INVALID', `${field}: ${description}`, { violations: [{ field, description }] });

/** Both in minor units of the wallet's currency. Whose wallet it is, is told where the caller does not know. */
export const insufficientFunds = (available: number, asked: number, userId?: string) =>
  new AppError('FAILED_PRECONDITION', 'INSUFFICIENT_FUNDS', 'the wallet holds less than asked', {
    metadata: { available: String(available), asked: String(asked), ...(userId !== undefined && { user_id: userId }) },
  });

export const holdMismatch = () =>
  new AppError('INVALID_ARGUMENT', 'HOLD_MISMATCH', 'the hold of this order has another user or amount', {
    violations: [{ field: 'order_id', description: 'has a hold with another user or amount' }],
  });

export const holdReleased = () =>
  new AppError('FAILED_PRECONDITION', 'HOLD_RELEASED', 'the hold of this order was released already');

export const holdCaptured = () =>
  new AppError('FAILED_PRECONDITION', 'HOLD_CAPTURED', 'the hold of this order was captured already');

export const holdNotFound = () => new AppError('NOT_FOUND', 'HOLD_NOT_FOUND', 'no hold for this order');

/** There is nothing to refund while the sellers were not paid. */
export const holdNotCaptured = () =>
  new AppError('FAILED_PRECONDITION', 'HOLD_NOT_CAPTURED', 'the hold of this order is not captured yet');

export const refundInvalid = (description: string) =>
  new AppError('INVALID_ARGUMENT', 'REFUND_INVALID', `parts: ${description}`, {
    violations: [{ field: 'parts', description }],
  });

export const payoutsInvalid = (description: string) =>
  new AppError('INVALID_ARGUMENT', 'PAYOUTS_INVALID', `payouts: ${description}`, {
    violations: [{ field: 'payouts', description }],
  });

/** The etag is the current one. */
export const etagMismatch = (etag: string) =>
  new AppError('ABORTED', 'ETAG_MISMATCH', 'the object changed since the etag was read', { metadata: { etag } });

/** Also of one who is PURGED: of those nobody comes back. */
export const userNotDeleted = (state: string) =>
  new AppError('FAILED_PRECONDITION', 'USER_NOT_DELETED', `the user is ${state}`, { metadata: { state } });

export const restoreWindowOver = () =>
  new AppError('FAILED_PRECONDITION', 'RESTORE_WINDOW_OVER', 'the user was deleted more than 30 days ago');

export const purgeRunning = () =>
  new AppError('FAILED_PRECONDITION', 'PURGE_RUNNING', 'the user is being erased and cannot come back');

export const purgeNotFound = () => new AppError('NOT_FOUND', 'PURGE_NOT_FOUND', 'nobody asked to erase this user');

export const selfTransfer = () =>
  new AppError('INVALID_ARGUMENT', 'SELF_TRANSFER', 'to_user_id: is the sender', {
    violations: [{ field: 'to_user_id', description: 'is the sender' }],
  });

export const scoreOutOfRange = () =>
  new AppError('INVALID_ARGUMENT', 'SCORE_OUT_OF_RANGE', 'delta: would take the score beyond what can be counted exactly', {
    violations: [{ field: 'delta', description: 'would take the score beyond what can be counted exactly' }],
  });

export const scoreNotFound = () => new AppError('NOT_FOUND', 'SCORE_NOT_FOUND', 'no score of this person on this board');
