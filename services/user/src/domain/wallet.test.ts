import { expect, test } from 'vitest';

import { credited, emptyWallet } from './wallet.ts';

const wallet = { ...emptyWallet('ada'), balance: 500, available: 300, held: 200 };

test('a credit can be spent at once and leaves holds alone', () => {
  expect(credited(wallet, { currency: 'EUR', minor: 250 })).toEqual({ ...wallet, balance: 750, available: 550, version: 2 });
});

test.each([
  ['nothing', 0, 'EUR'],
  ['less than nothing', -1, 'EUR'],
  ['another currency', 100, 'USD'],
  ['more than a million units', 100_000_001, 'EUR'],
])('%s cannot be credited', (_, minor, currency) => {
  expect(() => credited(wallet, { currency, minor })).toThrow(expect.objectContaining({ reason: 'AMOUNT_INVALID' }));
});

test('a million units can be credited, but not into a wallet that could no longer count them', () => {
  expect(credited(wallet, { currency: 'EUR', minor: 100_000_000 }).balance).toBe(100_000_500);
  const full = { ...wallet, balance: Number.MAX_SAFE_INTEGER };
  expect(() => credited(full, { currency: 'EUR', minor: 1 })).toThrow(expect.objectContaining({ reason: 'AMOUNT_INVALID' }));
});
