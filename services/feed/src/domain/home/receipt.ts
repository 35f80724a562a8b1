/** What a chunk did. */
export interface Tally {
  /** Feeds that have the entry, or that pull the source since. */
  readonly pushed: number;
  /** Of people who have not read for long: they get it when they come back. */
  readonly hibernated: number;
}

/** How far the fan-out of one entry has come. */
export interface Receipt extends Tally {
  /** The last planning that enqueued all of its chunks. */
  readonly planId: string;
  readonly chunks: number;
  /** Numbers of that planning's chunks whose rows are in the feeds. */
  readonly done: ReadonlySet<number>;
  /** Followers who read it from the timeline of its source. */
  readonly pulled: number;
}

/** An event this young, on its first delivery, has no receipt worth reading. */
const NEWS_MS = 10_000;

export const mayHaveReceipt = ({ at, tries }: { readonly at: number; readonly tries: number }, now: number): boolean =>
  tries > 1 || now - at >= NEWS_MS;

/** Whether every chunk is in the feeds, so that neither redelivery nor replay has anything left to do. */
export const isComplete = (receipt: Pick<Receipt, 'chunks' | 'done'> | undefined): boolean =>
  receipt !== undefined && receipt.chunks > 0 && receipt.done.size === receipt.chunks;
