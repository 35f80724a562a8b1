export interface ProxyOptions {
  /** host:port of the real server. */
  readonly target: string;
  /** Where to listen on 127.0.0.1; any free port by default. */
  readonly port?: number;
  /** How to tell requests and replies apart: `turns` (HTTP/1.1, Redis, NATS) by who speaks, `http2` (gRPC) by frames. */
  readonly protocol?: 'turns' | 'http2';
}

/** A TCP proxy with faults. Each fault holds until `heal()` and for new connections too. */
export interface Proxy {
  readonly port: number;
  /** 127.0.0.1:port */
  readonly address: string;
  /** Every byte takes this much longer, in each direction. */
  latency(ms: number): void;
  /** Connections are accepted and bytes taken, but nothing goes on and nothing comes back. What was taken is lost. */
  blackhole(): void;
  /** Bytes wait, in both directions, and go on when healed. */
  stall(): void;
  /** Every connection is ended with a TCP reset. */
  reset(): void;
  /** Connections are ended and new ones refused, as if the process were gone. */
  cut(): void;
  /**
   * Lets a request through, swallows its reply and resets the connection: the work is done, the caller cannot know.
   * A number n: the n-th request from now, once. A predicate over the request's bytes: every request that it picks.
   */
  dropReply(pick: number | ((request: Buffer) => boolean)): void;
  /** Replies dropped so far. */
  readonly dropped: number;
  /** Ends every fault. */
  heal(): void;
  close(): Promise<void>;
}
