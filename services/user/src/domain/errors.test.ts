import { ErrorReason } from '@plaza/proto/plaza/user/v1/error_reason';
import { expect, test } from 'vitest';

import * as errors from './errors.ts';

test('the refusals are the reasons that the proto declares, no fewer, no more', () => {
  const refusals = [
    errors.usernameTaken('ada'),
    errors.emailTaken(),
    errors.userNotFound(),
    errors.badCredentials(),
    errors.passwordWrong(),
    errors.refreshTokenInvalid(),
    errors.insufficientFunds(1, 2),
    errors.amountInvalid('amount', 'must be more than zero'),
    errors.holdReleased(),
    errors.holdCaptured(),
    errors.holdNotFound(),
    errors.holdNotCaptured(),
    errors.payoutsInvalid('pay the buyer'),
    errors.refundInvalid('name a seller twice'),
    errors.holdMismatch(),
    errors.passwordCommon('password'),
    errors.sessionNotFound(),
    errors.selfTransfer(),
    errors.scoreOutOfRange(),
    errors.scoreNotFound(),
    errors.etagMismatch('2'),
    errors.userNotDeleted('ACTIVE'),
    errors.restoreWindowOver(),
    errors.purgeRunning(),
    errors.purgeNotFound(),
  ];
  expect(refusals).toHaveLength(Object.keys(errors).length);
  const declared = Object.keys(ErrorReason).filter((reason) => !['UNSPECIFIED', 'UNRECOGNIZED'].includes(reason));
  expect(refusals.map(({ reason }) => reason).toSorted()).toEqual(declared.toSorted());
});
