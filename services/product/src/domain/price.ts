import { amountOf, type Amount, type MoneyMessage } from '@plaza/core';

import { priceInvalid, priceRangeInvalid } from './errors.ts';

/** All prices are in it: wallets hold no other, and amounts of two currencies have no order. */
export const CURRENCY = 'EUR';

/** Half-open, in minor units of CURRENCY. An absent bound does not limit. */
export interface PriceRange {
  readonly min: number | undefined;
  readonly max: number | undefined;
}

/** A price to sell at: above zero, in CURRENCY. Throws PRICE_INVALID; `field` is its path in the request. */
export const priceOf = (money: MoneyMessage | undefined, field = 'price'): Amount => {
  if (!money) throw priceInvalid(field, 'is required');
  const price = readAmount(money, field);
  if (price.minor <= 0) throw priceInvalid(field, 'must be above zero');
  return price;
};

/** Throws PRICE_INVALID for a bound that is negative or of another currency, PRICE_RANGE_INVALID unless min < max. */
export const priceRangeOf = (min: MoneyMessage | undefined, max: MoneyMessage | undefined): PriceRange => {
  const range = { min: boundOf(min, 'min_price'), max: boundOf(max, 'max_price') };
  if (range.max !== undefined && (range.min ?? 0) >= range.max) throw priceRangeInvalid();
  return range;
};

const boundOf = (money: MoneyMessage | undefined, field: string): number | undefined => {
  if (!money) return undefined;
  const { minor } = readAmount(money, field);
  if (minor < 0) throw priceInvalid(field, 'must not be negative');
  return minor;
};

const readAmount = (money: MoneyMessage, field: string): Amount => {
  const amount = amountOf(money, field, { reason: 'PRICE_INVALID', domain: 'plaza.product' });
  if (amount.currency !== CURRENCY) throw priceInvalid(field, `currency_code must be ${CURRENCY}`);
  return amount;
};
