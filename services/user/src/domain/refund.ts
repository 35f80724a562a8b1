import { holdNotCaptured, holdNotFound, insufficientFunds, refundInvalid } from './errors.ts';
import { samePayouts, type Hold, type Payout } from './hold.ts';
import { assertCurrency, assertPositive } from './wallet.ts';

/** The seller who is short of money, in minor units. */
export type Shortage = { readonly userId: string; readonly available: number; readonly asked: number };

/** The verdict on one refund of an order. It stands for good, so that a late repetition cannot move what was refused. */
export type HoldRefund = {
  readonly refundId: string;
  readonly parts: readonly Payout[];
  /** Nothing was moved. */
  readonly shortage?: Shortage | undefined;
};

/**
 * The hold after the refund; undefined if the refund was made before, with these very parts.
 * @throws NOT_FOUND HOLD_NOT_FOUND; FAILED_PRECONDITION HOLD_NOT_CAPTURED, INSUFFICIENT_FUNDS as it was said the first time;
 * INVALID_ARGUMENT REFUND_INVALID, AMOUNT_INVALID
 */
export const refundedHold = (
  hold: Hold | undefined,
  verdict: HoldRefund | undefined,
  parts: readonly Payout[],
): Hold | undefined => {
  if (hold === undefined) throw holdNotFound();
  if (hold.state !== 'CAPTURED') throw holdNotCaptured();
  if (verdict !== undefined) {
    if (!samePayouts(verdict.parts, parts)) throw refundInvalid('this refund_id was used with other parts');
    if (verdict.shortage) throw shortOf(verdict.shortage);
    return undefined;
  }
  assertTakesBack(hold, parts);
  const refunded = { ...hold.refunded };
  for (const { userId, minor } of parts) refunded[userId] = (refunded[userId] ?? 0) + minor;
  return { ...hold, refunded, refunds: (hold.refunds ?? 0) + 1 };
};

export const shortOf = ({ userId, available, asked }: Shortage) => insufficientFunds(available, asked, userId);

/** Each seller is named once and gives back no more than it has left of the order. */
const assertTakesBack = (hold: Hold, parts: readonly Payout[]): void => {
  parts.forEach((part, i) => {
    assertPositive(part, `parts[${i}].amount`);
    assertCurrency(part, hold.currency, `parts[${i}].amount`);
  });
  if (new Set(parts.map(({ userId }) => userId)).size < parts.length) throw refundInvalid('name a seller twice');
  const got = new Map(hold.payouts?.map(({ userId, minor }) => [userId, minor]));
  for (const { userId, minor } of parts) {
    const left = (got.get(userId) ?? 0) - (hold.refunded?.[userId] ?? 0);
    if (minor > left) throw refundInvalid(`take ${minor} from ${userId}, who has ${left} left of the order`);
  }
};
