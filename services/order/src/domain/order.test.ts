import fc from 'fast-check';
import { expect, test } from 'vitest';

import { payoutsOf, type Order } from './order.ts';

const line = fc.record({
  productId: fc.string(),
  sellerId: fc.constantFrom('ann', 'bob', 'cy'),
  name: fc.constant(''),
  quantity: fc.integer({ min: 1, max: 1000 }),
  unitPrice: fc.record({ currency: fc.constant('EUR'), minor: fc.integer({ min: 1, max: 100_000 }) }),
});

test('payouts name each seller once, in the order of their ids, and sum to the total', () => {
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 49 }), (lines) => {
      const total = lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice.minor, 0);
      const payouts = payoutsOf({ lines, total: { currency: 'EUR', minor: total } } as unknown as Order);
      const sellers = payouts.map(({ userId }) => userId);
      expect(sellers).toEqual([...new Set(lines.map(({ sellerId }) => sellerId))].sort());
      expect(payouts.reduce((sum, { amount }) => sum + amount.minor, 0)).toBe(total);
    }),
  );
});
