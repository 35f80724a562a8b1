import { Client, connectivityState, type ChannelCredentials, type ChannelOptions } from '@grpc/grpc-js';
import type { Log, Metrics } from '@plaza/core';

import type { MethodContract } from './contract.ts';
import { MAX_MESSAGE_BYTES } from './limits.ts';
import { channelsReplaced } from './metrics.ts';

/** How long a channel may bring no answer at all while it is asked, before it is thrown away. */
const GIVE_UP_MS = 3_000;

export interface ChannelParts {
  readonly target: string;
  readonly credentials: ChannelCredentials;
  readonly options: ChannelOptions;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * A connection to one service that outlives its grpc-js channel. A channel of grpc-js 1.14 whose peer accepts and then
 * says nothing stays CONNECTING for good, also after the peer has healed; one that lost its peer waits ever longer. So
 * a channel that was asked and brought no answer for 3 s is replaced.
 */
export interface Channel {
  /** The channel to put a call on; tells the watchdog that an answer is expected. */
  begin(): Client;
  /** The peer said something, be it a refusal. */
  answered(): void;
  /** A call on that channel ended without a word from the peer; `why` is what grpc-js says of it. */
  unanswered(on: Client, why: string): void;
  close(): void;
}

export const createChannel = ({ target, credentials, options, log, metrics }: ChannelParts): Channel => {
  const replaced = metrics.counter(channelsReplaced);
  // A pool of its own: a new channel must not be handed the stuck connection of the old one.
  const open = () => new Client(target, credentials, { ...options, 'grpc.use_local_subchannel_pool': 1 });
  let client = open();
  let timer: NodeJS.Timeout | undefined;
  let failures = 0;
  let why: string | undefined;

  const watch = (): void => {
    timer ??= setTimeout(judge, GIVE_UP_MS).unref();
  };
  const calm = (): void => {
    clearTimeout(timer);
    timer = undefined;
    failures = 0;
    why = undefined;
  };
  const judge = (): void => {
    const ready = client.getChannel().getConnectivityState(false) === connectivityState.READY;
    // Ready and without a failure: the calls just take their time.
    const sick = !ready || failures > 0;
    const seen = { failures, why };
    calm();
    if (!sick) return;
    log.warn('rpc.channel_replaced', { target, ...seen, ready });
    replaced.add({ target });
    client.close();
    client = open();
  };

  return {
    begin() {
      if (timer === undefined && client.getChannel().getConnectivityState(true) !== connectivityState.READY) watch();
      return client;
    },
    answered() {
      if (timer !== undefined) calm();
    },
    unanswered(on, said) {
      // That one was thrown away, and its calls with it: its successor is not to blame.
      if (on !== client) return;
      failures++;
      why = said;
      watch();
    },
    close() {
      calm();
      client.close();
    },
  };
};

/**
 * What grpc-js shall do by itself: keepalive, quick reconnects, and a repetition after UNAVAILABLE, only of methods whose
 * proto says that repeating them is harmless, and only while most calls succeed.
 */
export const clientChannelOptions = (contracts: Iterable<MethodContract>): ChannelOptions => {
  const repeatable = [...contracts].filter(({ idempotent }) => idempotent);
  const serviceConfig = {
    loadBalancingConfig: [{ round_robin: {} }],
    methodConfig: repeatable.map(({ service, method }) => ({
      name: [{ service, method }],
      retryPolicy: {
        maxAttempts: 4,
        initialBackoff: '0.05s',
        maxBackoff: '1s',
        backoffMultiplier: 2,
        retryableStatusCodes: ['UNAVAILABLE'],
      },
    })),
    // Ten successes buy one repetition: a peer in trouble gets at most a tenth more calls.
    retryThrottling: { maxTokens: 20, tokenRatio: 0.1 },
  };
  return {
    'grpc.service_config': JSON.stringify(serviceConfig),
    'grpc.service_config_disable_resolution': 1,
    'grpc.enable_http_proxy': 0,
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 10_000,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 1_000,
    // What is kept for a repetition counts as sent, so this is also how far a stream runs ahead of its reader.
    'grpc.per_rpc_retry_buffer_size': MAX_MESSAGE_BYTES,
  };
};
