import { AppError } from './errors.ts';

/** Integer minor units (cents of EUR); safe integers, so plus and minus are exact. */
export interface Amount {
  readonly currency: string;
  readonly minor: number;
}

/** The shape of google.type.Money on the wire. */
export interface MoneyMessage {
  currencyCode: string;
  units: bigint;
  nanos: number;
}

/** Digits after the point of the currencies that Plaza trades in (ISO 4217). */
const DIGITS: Readonly<Record<string, number>> = { EUR: 2, USD: 2, GBP: 2, CHF: 2, SEK: 2, PLN: 2, JPY: 0 };

/** The largest amount of one field: a million million minor units leaves room to sum 9,000 of them exactly. */
export const MAX_MINOR = 1_000_000_000_000;

/**
 * Reads Money as integer minor units. Throws INVALID_ARGUMENT with the given reason when the currency is not traded, the
 * amount is finer than its minor unit, units and nanos disagree in sign, or the size is above MAX_MINOR.
 */
export const amountOf = (money: MoneyMessage, field: string, refuse: { reason: string; domain: string }): Amount => {
  const digits = DIGITS[money.currencyCode];
  if (digits === undefined) throw invalid(field, refuse, `currency_code must be one of ${Object.keys(DIGITS).join(', ')}`);
  const perMinor = 10 ** (9 - digits);
  const fits = Math.abs(money.nanos) < 1e9 && money.nanos % perMinor === 0;
  if (!fits) throw invalid(field, refuse, `nanos must be a multiple of ${perMinor} below 10^9`);
  if ((money.units > 0n && money.nanos < 0) || (money.units < 0n && money.nanos > 0))
    throw invalid(field, refuse, 'units and nanos must have one sign');
  const minor = money.units * BigInt(10 ** digits) + BigInt(money.nanos / perMinor);
  if (minor > BigInt(MAX_MINOR) || minor < -BigInt(MAX_MINOR)) throw invalid(field, refuse, 'the amount is too large');
  return { currency: money.currencyCode, minor: Number(minor) };
};

/** Writes integer minor units as Money. */
export const moneyOf = (amount: Amount): MoneyMessage => {
  const digits = DIGITS[amount.currency] ?? 2;
  const perUnit = 10 ** digits;
  return {
    currencyCode: amount.currency,
    units: BigInt(Math.trunc(amount.minor / perUnit)),
    nanos: (amount.minor % perUnit) * 10 ** (9 - digits) + 0,
  };
};

const invalid = (field: string, refuse: { reason: string; domain: string }, description: string) =>
  new AppError('INVALID_ARGUMENT', refuse.reason, `${field}: ${description}`, {
    domain: refuse.domain,
    violations: [{ field, description }],
  });
