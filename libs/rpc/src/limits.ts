/** What a server takes on at most. */
export interface Limits {
  /** Calls handled at one time, health and reflection aside. */
  readonly concurrency: number;
  /** Calls that may wait for a place. */
  readonly queue: number;
  /** Milliseconds that a call may wait for a place. */
  readonly queueMs: number;
  /** Milliseconds that calls in flight may take to end once the server closes. */
  readonly drainMs: number;
}
