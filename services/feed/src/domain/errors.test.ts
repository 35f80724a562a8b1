import { ErrorReason } from '@plaza/proto/plaza/feed/v1/error_reason';
import { expect, test } from 'vitest';

import * as errors from './errors.ts';

test('every refusal has a reason of the proto, and every reason of the proto has a refusal', () => {
  const refusals = [
    errors.postNotFound(),
    errors.authorNotFound(),
    errors.productNotFound('product_ids', ['p']),
    errors.visibilityUnknown(new Error('graph')),
    errors.replyToNotFound(),
    errors.textTooLong('text', 2001, 2000),
    errors.postEmpty('text'),
    errors.etagMismatch('2'),
    errors.editLimit(40),
    errors.repostNotAllowed(),
    errors.hashtagInvalid(),
    errors.rankingExpired(),
  ];
  const declared = Object.keys(ErrorReason).filter((reason) => reason !== 'UNSPECIFIED' && reason !== 'UNRECOGNIZED');
  expect(refusals.map(({ reason }) => reason).sort()).toEqual(declared.sort());
  expect(refusals).toHaveLength(Object.keys(errors).length);
});
