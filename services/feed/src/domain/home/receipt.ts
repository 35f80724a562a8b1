/** How far the fan-out of one post has come. */
export interface Receipt {
  /** The last planning that enqueued all of its chunks. */
  readonly planId: string;
  readonly chunks: number;
  /** Numbers of that planning's chunks whose rows are in the feeds. */
  readonly done: ReadonlySet<number>;
}

/** Whether every chunk is in the feeds, so that neither redelivery nor replay has anything left to do. */
export const isComplete = (receipt: Receipt | undefined): boolean =>
  receipt !== undefined && receipt.chunks > 0 && receipt.done.size === receipt.chunks;
