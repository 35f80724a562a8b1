import { ErrorReason } from '@plaza/proto/plaza/order/v1/error_reason';
import { expect, test } from 'vitest';

import * as refusals from './errors.ts';
import type { Order } from './order.ts';
import { timedOut } from './saga.ts';

test('the refusals are those of the proto, each with one function', () => {
  const { orderRefused: _passedOn, ...own } = refusals;
  const amount = { currency: 'EUR', minor: 1 };
  const made = [
    own.orderNotFound('o'),
    own.userNotFound('u'),
    own.emptyOrder('lines'),
    own.priceChanged({ total: amount, prices: [], fields: [] }),
    own.productNotFound(['p'], []),
    own.ownProduct(['p'], []),
    own.tooManySellers(40, []),
    own.mixedCurrencies(['EUR', 'JPY'], []),
    own.illegalTransition('PAID'),
    own.totalTooLarge(1),
    own.tooManyUnits('p', 1, []),
    own.linesBesideCart(),
    own.unknownCountry(),
    own.insufficientStock([]),
    own.insufficientFunds(0, 1),
    own.otherCurrency('EUR'),
    own.cartFull(49),
    own.cartItemNotFound('p'),
    own.sequenceAhead(3),
    own.refundTooLarge([{ field: 'lines[0].quantity', productId: 'p', left: 0 }]),
    own.refundPending(),
    own.purchaseNotShared(),
    own.rangeEmpty(),
  ];
  expect(made).toHaveLength(Object.keys(own).length);
  const ours = made.filter(({ details }) => details.domain === undefined).map(({ reason }) => reason);
  // The one that is nobody's refusal, but the failure of an order.
  ours.push(timedOut({ state: 'PENDING' } as Order, 20).reason);
  expect(ours.toSorted()).toEqual(
    Object.keys(ErrorReason)
      .filter((name) => !['UNSPECIFIED', 'UNRECOGNIZED'].includes(name))
      .sort(),
  );
});

test('a failed order passes the refusal on with its own id', () => {
  const failure = { reason: 'INSUFFICIENT_FUNDS', domain: 'plaza.user', message: 'm', metadata: { available: '5' } };
  expect(refusals.orderRefused('o1', failure)).toMatchObject({
    code: 'FAILED_PRECONDITION',
    reason: 'INSUFFICIENT_FUNDS',
    details: { domain: 'plaza.user', metadata: { available: '5', order_id: 'o1' } },
  });
});
