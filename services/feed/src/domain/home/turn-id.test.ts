import { idTime, isId, newId } from '@plaza/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { turnId } from './turn-id.ts';

test('turns of one event stand at its time, each under an id of its own, which is the same each time', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), (products) => {
      // As those of one batch are: ids that follow one another.
      const [event, next] = [newId(), newId()];
      const ids = Array.from({ length: products }, () => newId());
      const turns = [event, next].flatMap((one) => ids.map((product) => turnId(one, product)));
      expect(new Set(turns).size).toBe(2 * products);
      expect(turns.every(isId)).toBe(true);
      expect(turns.slice(0, products).every((turn) => idTime(turn) === idTime(event))).toBe(true);
      expect(ids.map((product) => turnId(event, product))).toEqual(turns.slice(0, products));
    }),
  );
});
