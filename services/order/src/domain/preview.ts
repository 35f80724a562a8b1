import type { Amount } from '@plaza/core';

import { insufficientFunds, insufficientStock, otherCurrency } from './errors.ts';
import type { DisplayedOffer } from './new-order.ts';
import type { Order } from './order.ts';

/** What ReserveStock would refuse, as far as the displayed stock tells. @throws INSUFFICIENT_STOCK with what is left of each */
export const assertInStock = ({ lines }: Pick<Order, 'lines'>, catalogue: readonly DisplayedOffer[]): void => {
  const left = new Map(catalogue.map(({ productId, available }) => [productId, available]));
  const short = lines.flatMap(({ productId, quantity }) => {
    const available = left.get(productId) ?? 0;
    return available < quantity ? [{ productId, available }] : [];
  });
  if (short.length > 0) throw insufficientStock(short);
};

/** What PlaceHold would refuse. @throws INSUFFICIENT_FUNDS, or AMOUNT_INVALID of a wallet in another currency */
export const assertAffordable = ({ total }: Pick<Order, 'total'>, available: Amount): void => {
  if (available.currency !== total.currency) throw otherCurrency(available.currency);
  if (available.minor < total.minor) throw insufficientFunds(available.minor, total.minor);
};
