import { amountOf, type Amount, type MoneyMessage } from '@plaza/core';

import { priceInvalid, priceRangeInvalid } from './errors.ts';

/** Half-open, in minor units of the one currency that this deployment trades in. An absent bound does not limit. */
export interface PriceRange {
  readonly min: number | undefined;
  readonly max: number | undefined;
}

/** A price to sell at: above zero, in the currency of this deployment. Throws PRICE_INVALID. */
export const priceOf = (money: MoneyMessage | undefined, currency: string): Amount => {
  if (!money) throw priceInvalid('price', 'is required');
  const price = readAmount(money, 'price', currency);
  if (price.minor <= 0) throw priceInvalid('price', 'must be above zero');
  return price;
};

/** Throws PRICE_INVALID for a bound that is negative or of another currency, PRICE_RANGE_INVALID unless min < max. */
export const priceRangeOf = (min: MoneyMessage | undefined, max: MoneyMessage | undefined, currency: string): PriceRange => {
  const range = { min: boundOf(min, 'min_price', currency), max: boundOf(max, 'max_price', currency) };
  if (range.max !== undefined && (range.min ?? 0) >= range.max) throw priceRangeInvalid();
  return range;
};

const boundOf = (money: MoneyMessage | undefined, field: string, currency: string): number | undefined => {
  if (!money) return undefined;
  const { minor } = readAmount(money, field, currency);
  if (minor < 0) throw priceInvalid(field, 'must not be negative');
  return minor;
};

/** One currency per deployment: products are sorted by price, and amounts of two currencies have no order. */
const readAmount = (money: MoneyMessage, field: string, currency: string): Amount => {
  const amount = amountOf(money, field, { reason: 'PRICE_INVALID', domain: 'plaza.product' });
  if (amount.currency !== currency) throw priceInvalid(field, `currency_code must be ${currency}`);
  return amount;
};
