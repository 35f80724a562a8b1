import {
  ConditionalCheckFailedException,
  TransactionCanceledException,
  type AttributeValue,
  type CancellationReason,
} from '@aws-sdk/client-dynamodb';

import type { WriteResult } from '../db.ts';
import { EngineFailure } from '../engine.ts';
import type { Item, Value } from '../item.ts';

/** Named by the SDK or by Node when no answer came; the command may have been applied. */
const UNKNOWN = new Set([
  'TimeoutError',
  'RequestTimeout',
  'RequestTimeoutException',
  'InternalServerError',
  'ServiceUnavailable',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
const THROTTLE = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
]);
/** A transaction whose token is still in progress is a conflict with itself: asking again answers it. */
const CONFLICT = new Set(['TransactionConflictException', 'TransactionInProgressException', 'TransactionConflict']);

/** The failure as our kinds. A refusal that only a defect of ours can cause (validation, access, missing table) stays as it is. */
export const failureOf = (error: unknown): unknown => {
  if (!(error instanceof Error)) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (error.name === 'AbortError') return new EngineFailure('aborted', error);
  if (CONFLICT.has(error.name)) return new EngineFailure('conflict', error);
  if (THROTTLE.has(error.name)) return new EngineFailure('throttle', error);
  if (UNKNOWN.has(error.name) || UNKNOWN.has(code) || statusOf(error) >= 500) return new EngineFailure('unknown', error);
  if (/socket hang up|ECONN|EPIPE/.test(error.message)) return new EngineFailure('unknown', error);
  return error;
};

const statusOf = (error: Error): number => {
  const metadata = '$metadata' in error ? (error.$metadata as { httpStatusCode?: number } | undefined) : undefined;
  return metadata?.httpStatusCode ?? 0;
};

/** The failed conditions, if conditions are all that failed; else throws. */
export const refusalOf = (error: unknown): WriteResult => {
  if (error instanceof ConditionalCheckFailedException) return { ok: false, failed: [failedAt(0, error.Item)] };
  if (error instanceof TransactionCanceledException) return cancelled(error, error.CancellationReasons ?? []);
  throw failureOf(error);
};

/** A conflict or throttle beside a failed condition hides other conditions, so that it is tried again first. */
const cancelled = (error: Error, reasons: readonly CancellationReason[]): WriteResult => {
  const codes = reasons.map((reason) => reason.Code ?? 'None');
  if (codes.some((code) => CONFLICT.has(code))) throw new EngineFailure('conflict', error);
  if (codes.some((code) => THROTTLE.has(code))) throw new EngineFailure('throttle', error);
  const other = codes.find((code) => code !== 'None' && code !== 'ConditionalCheckFailed');
  if (other !== undefined || codes.every((code) => code === 'None'))
    throw new Error(`the transaction is defective: ${codes.join(', ')}`, { cause: error });
  const failed = reasons.flatMap((reason, index) =>
    reason.Code === 'ConditionalCheckFailed' ? [failedAt(index, reason.Item)] : [],
  );
  return { ok: false, failed };
};

const failedAt = (index: number, item: Record<string, AttributeValue> | undefined) =>
  item && Object.keys(item).length > 0 ? { index, item: readRow(item) as Item } : { index };

const readRow = (row: Record<string, AttributeValue>): { [attr: string]: Value } =>
  Object.fromEntries(Object.entries(row).map(([attr, value]) => [attr, readValue(value)]));

/** The document client reads answers, but not the rows inside errors. */
const readValue = (value: AttributeValue): Value => {
  if (value.N !== undefined) return readNumber(value.N);
  if (value.M !== undefined) return readRow(value.M);
  if (value.L !== undefined) return value.L.map(readValue);
  if (value.NULL !== undefined) return null;
  const plain = value.S ?? value.B ?? value.BOOL;
  if (plain === undefined) throw new Error(`a row holds a type that Plaza does not write: ${Object.keys(value).join()}`);
  return plain;
};

/** Numbers come back as number, integers beyond 2^53 as bigint. */
export const readNumber = (text: string): number | bigint => {
  const value = Number(text);
  return Number.isSafeInteger(value) || !/^-?\d+$/.test(text) ? value : BigInt(text);
};
