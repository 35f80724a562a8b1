import { isAppError } from '@plaza/core';
import { ErrorReason } from '@plaza/proto/plaza/product/v1/error_reason';
import { expect, test } from 'vitest';

import * as refusals from './errors.ts';

test('the refusals are the reasons of the proto', () => {
  const given = [
    refusals.productNotFound(['p']),
    refusals.sellerNotFound('u'),
    refusals.insufficientStock([]),
    refusals.reservationReleased('o'),
    refusals.reservationNotFound('o'),
    refusals.reservationMismatch('o'),
    refusals.productInactive(['p']),
    refusals.etagMismatch('1'),
    refusals.productNotDeleted(),
    refusals.restoreWindowOver(),
    refusals.reservationExpired('o'),
    refusals.productBusy('p', 250),
    refusals.queryEmpty(),
    refusals.priceInvalid('price', 'bad'),
    refusals.priceRangeInvalid(),
  ];
  expect(given).toHaveLength(Object.keys(refusals).length);
  expect(given.every((error) => isAppError(error))).toBe(true);
  const declared = Object.keys(ErrorReason).filter((reason) => !['UNSPECIFIED', 'UNRECOGNIZED'].includes(reason));
  expect(given.map(({ reason }) => reason).toSorted()).toEqual(declared.toSorted());
});
