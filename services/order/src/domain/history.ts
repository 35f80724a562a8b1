import type { Failure, OrderState, Refund } from './order.ts';

/** What can happen to an order. Each is one version of it. */
export type HistoryKind =
  | 'CREATED'
  | 'RESERVED'
  | 'PAID'
  | 'FAILED'
  | 'CANCELLED'
  | 'SHIPPED'
  | 'DELIVERED'
  | 'REFUND_REQUESTED'
  | 'REFUNDED'
  | 'REFUND_REFUSED'
  | 'UNSHARED';

/** One step in the history of an order, written with it. */
export type HistoryEntry = {
  /** The version that the order came to by it: 1 for the first, without gaps. */
  readonly sequence: number;
  readonly kind: HistoryKind;
  /** Where the order stood after it. */
  readonly state: OrderState;
  /** Who did it: `user:<id>`, `admin`, or nobody, which is Plaza itself. */
  readonly actor: string;
  /** Of SHIPPED and DELIVERED. */
  readonly sellerId?: string | undefined;
  /** Of FAILED and REFUND_REFUSED. */
  readonly failure?: Failure | undefined;
  /** Of the three REFUND entries. */
  readonly refund?: Refund | undefined;
  /** Epoch milliseconds. */
  readonly at: number;
};

/** What only whoever causes the change knows. */
export type Happening = Pick<HistoryEntry, 'kind' | 'actor' | 'sellerId' | 'failure' | 'refund'>;
