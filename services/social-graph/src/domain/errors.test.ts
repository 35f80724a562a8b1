import { ErrorReason } from '@plaza/proto/plaza/graph/v1/error_reason';
import { expect, test } from 'vitest';

import * as errors from './errors.ts';

test('the refusals are the reasons that the proto declares, no fewer, no more', () => {
  const refusals = [
    errors.selfFollow(),
    errors.selfBlock(),
    errors.selfMute(),
    errors.followLimit(5_000),
    errors.userBlocked('a'),
    errors.userNotFound('a'),
    errors.requestNotFound('a'),
    errors.importNotFound('a'),
  ];
  expect(refusals).toHaveLength(Object.keys(errors).length);
  const declared = Object.keys(ErrorReason).filter((reason) => !['UNSPECIFIED', 'UNRECOGNIZED'].includes(reason));
  expect(refusals.map(({ reason }) => reason).toSorted()).toEqual(declared.toSorted());
});
