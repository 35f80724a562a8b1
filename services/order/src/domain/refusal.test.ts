import { AppError, type ErrorCode } from '@plaza/core';
import { expect, test } from 'vitest';

import { refusalOf } from './refusal.ts';

test.each<ErrorCode>(['FAILED_PRECONDITION', 'NOT_FOUND', 'INVALID_ARGUMENT'])(
  '%s of a peer is a refusal, kept as it was said',
  (code) => {
    const error = new AppError(code, 'INSUFFICIENT_STOCK', 'fewer', { domain: 'plaza.product', metadata: { tea: '1' } });
    expect(refusalOf(error)).toEqual({
      reason: 'INSUFFICIENT_STOCK',
      domain: 'plaza.product',
      message: 'fewer',
      metadata: { tea: '1' },
    });
  },
);

test.each<ErrorCode>([
  'UNAVAILABLE',
  'DEADLINE_EXCEEDED',
  'ABORTED',
  'INTERNAL',
  'RESOURCE_EXHAUSTED',
  'UNAUTHENTICATED',
  'CANCELLED',
])('%s is trouble, after which the step is repeated', (code) => {
  expect(refusalOf(new AppError(code, 'WHATEVER', ''))).toBeUndefined();
});

test('a bare code and a defect are no refusals', () => {
  expect(refusalOf(new AppError('NOT_FOUND', 'NOT_FOUND', 'no route'))).toBeUndefined();
  expect(refusalOf(new TypeError('defect'))).toBeUndefined();
});
