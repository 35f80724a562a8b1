import { expect, test } from 'vitest';

import { newTransfer } from './transfer.ts';

const wish = { fromUserId: 'ada', toUserId: 'bob', note: 'lunch' };
const euro = (minor: number) => ({ currency: 'EUR', minor });

test('a transfer says who gave what to whom, and when', () => {
  expect(newTransfer('t', wish, euro(250), 1000)).toEqual({
    transferId: 't',
    ...wish,
    currency: 'EUR',
    minor: 250,
    createdAt: 1000,
  });
});

test.each([0, -1])('%i cents cannot be given', (minor) => {
  expect(() => newTransfer('t', wish, euro(minor), 1000)).toThrow(expect.objectContaining({ reason: 'AMOUNT_INVALID' }));
});

test('nobody gives to themselves, whatever the amount', () => {
  for (const minor of [1, -1])
    expect(() => newTransfer('t', { ...wish, toUserId: 'ada' }, euro(minor), 1000)).toThrow(
      expect.objectContaining({ reason: 'SELF_TRANSFER' }),
    );
});
