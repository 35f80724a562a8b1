import type { ServerOptions } from '@grpc/grpc-js';

/** What a server takes on at most. */
export interface Limits {
  /** Calls handled at one time, health and reflection aside. */
  readonly concurrency: number;
  /** Calls that may wait for a place. */
  readonly queue: number;
  /** Milliseconds that a call may wait for a place. */
  readonly queueMs: number;
  /** Streams that live long (`policy.watch`); they hold no place among the calls. */
  readonly watches: number;
  /** Milliseconds that a watcher may take nothing of what is sent to it. */
  readonly slowMs: number;
  /** Milliseconds that calls in flight may take to end once the server closes. */
  readonly drainMs: number;
  /** Milliseconds after which a connection is asked to go, so that clients notice new replicas. */
  readonly connectionAgeMs: number;
}

export const defaultLimits: Limits = {
  concurrency: 128,
  queue: 128,
  queueMs: 100,
  watches: 1_000,
  slowMs: 30_000,
  drainMs: 10_000,
  connectionAgeMs: 300_000,
};

/** Of all messages of all methods; each method's own limit is lower or equal. */
export const MAX_MESSAGE_BYTES = 256 * 1024;

/** grpc-js caps nothing of this by itself. `longestBudgetMs`: no call may outlive its connection's grace. */
export const channelOptions = ({ connectionAgeMs }: Limits, longestBudgetMs: number): ServerOptions => ({
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  'grpc.max_concurrent_streams': 256,
  'grpc.max_connection_age_ms': connectionAgeMs,
  'grpc.max_connection_age_grace_ms': Math.max(30_000, longestBudgetMs),
  'grpc.max_connection_idle_ms': 300_000,
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
  // Megabytes a connection: 256 streams with a full 64 KiB window each.
  'grpc-node.max_session_memory': 16,
});
