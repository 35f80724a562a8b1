import type { Amount, Context } from '@plaza/core';

import type { Payout } from '../domain/order.ts';

/**
 * The one way in which orders move money. What an adapter must guarantee, of every method:
 * - It may be called again at any time, by anybody, also while it runs: the money of one order moves once, by its order id, however
 *   long ago the first call was. A refund is known by order id and refund id.
 * - A refusal is an AppError FAILED_PRECONDITION, NOT_FOUND or INVALID_ARGUMENT with a reason of its own, and then nothing was moved.
 *   Whatever else it throws is an unknown outcome: the call is repeated until it is done or refused.
 * - What it answered stands: no later call of the same order undoes it, but `void` and `refund`.
 *
 * test/payment-contract.ts says the same as tests.
 */
export interface Payments {
  /**
   * Sets the whole amount aside, so that a capture cannot fail for want of money.
   * Refuses when there is too little, with metadata that tells the buyer, and after a void of the order.
   */
  authorise(ctx: Context, request: { orderId: string; payerId: string; amount: Amount }): Promise<void>;
  /**
   * Pays all payees what was set aside, or none. They get together what was authorised, and are the same in every repetition.
   * Refuses other payees than the first time, what was never authorised, and what was voided.
   */
  capture(ctx: Context, request: { orderId: string; payees: readonly Payout[] }): Promise<void>;
  /**
   * Gives back what was set aside. Of an order that was never authorised it leaves a tombstone, so that an authorisation that
   * comes late is refused. Refuses what was captured.
   */
  void(ctx: Context, request: { orderId: string }): Promise<void>;
  /**
   * Takes money back from payees of a captured order and gives it to the payer, from all or from none. Refuses before the capture,
   * more than a payee got of the order and did not give back yet, other parts under the same refund id, and when a payee has
   * too little. A refusal for want of money is the last word on that refund id: a repetition that comes late moves nothing.
   */
  refund(ctx: Context, request: { orderId: string; refundId: string; from: readonly Payout[] }): Promise<void>;
}
