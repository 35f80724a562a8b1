import {
  ConditionalCheckFailedException,
  DynamoDBServiceException,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';

import { failureOf, readNumber, refusalOf } from '../src/aws/failure.ts';

// DynamoDB Local never conflicts or throttles, so that the real shapes are played here.

const cancelled = (...codes: string[]) =>
  new TransactionCanceledException({
    message: 'Transaction cancelled',
    $metadata: {},
    CancellationReasons: codes.map((Code) => (Code === 'ConditionalCheckFailed' ? { Code, Item: { pk: { S: 'a' } } } : { Code })),
  });

const service = (name: string, httpStatusCode = 400) =>
  new DynamoDBServiceException({ name, message: name, $fault: 'client', $metadata: { httpStatusCode } });

const kindOf = (run: () => unknown) => {
  try {
    return run();
  } catch (error) {
    return error instanceof Error && 'kind' in error ? error.kind : `defect: ${(error as Error).message}`;
  }
};

test('cancelled transactions: conditions are an answer, conflicts and throttles are tried again, the rest is a defect', () => {
  expect(refusalOf(cancelled('None', 'ConditionalCheckFailed'))).toEqual({
    ok: false,
    failed: [{ index: 1, item: { pk: 'a' } }],
  });
  expect(kindOf(() => refusalOf(cancelled('ConditionalCheckFailed', 'TransactionConflict')))).toBe('conflict');
  expect(kindOf(() => refusalOf(cancelled('None', 'ThrottlingError')))).toBe('throttle');
  expect(kindOf(() => refusalOf(cancelled('None', 'ProvisionedThroughputExceeded')))).toBe('throttle');
  expect(kindOf(() => refusalOf(cancelled('ValidationError', 'None')))).toBe(
    'defect: the transaction is defective: ValidationError, None',
  );
});

test('a failed condition shows the old row if there was one', () => {
  const failed = (Item?: { n: { N: string } }) =>
    refusalOf(new ConditionalCheckFailedException({ message: '', $metadata: {}, ...(Item && { Item }) }));
  expect(failed({ n: { N: '7' } })).toEqual({ ok: false, failed: [{ index: 0, item: { n: 7 } }] });
  expect(failed()).toEqual({ ok: false, failed: [{ index: 0 }] });
});

test.each([
  ['TransactionConflictException', 400, 'conflict'],
  ['TransactionInProgressException', 400, 'conflict'],
  ['ProvisionedThroughputExceededException', 400, 'throttle'],
  ['ThrottlingException', 400, 'throttle'],
  ['RequestLimitExceeded', 400, 'throttle'],
  ['InternalServerError', 500, 'unknown'],
  ['Whatever', 503, 'unknown'],
  ['TimeoutError', 0, 'unknown'],
  ['AbortError', 0, 'aborted'],
])('%s (%d) is %s', (name, status, kind) => {
  expect(failureOf(service(name, status))).toMatchObject({ kind });
});

test('socket errors are unknown; validation and access errors stay what they are', () => {
  expect(failureOf(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }))).toMatchObject({ kind: 'unknown' });
  expect(failureOf(new Error('socket hang up'))).toMatchObject({ kind: 'unknown' });
  const refused = service('ValidationException');
  expect(failureOf(refused)).toBe(refused);
  expect(failureOf('odd')).toBe('odd');
});

test('numbers are read exactly', () => {
  expect(['7', '-0.5', '1E+3', '9007199254740993', '-9007199254740993'].map(readNumber)).toEqual([
    7,
    -0.5,
    1000,
    9007199254740993n,
    -9007199254740993n,
  ]);
});
