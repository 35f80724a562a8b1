import { AppError, startSpanBelow, type Context, type Log, type Metrics } from '@plaza/core';
import { Redis as Client } from 'ioredis';

import { createBreaker } from './breaker.ts';
import { createCap, type Cap } from './cap.ts';
import { command, spelledOut, type Command } from './command.ts';
import { cacheConnected, cacheFailures, cacheRoundTrip } from './metrics.ts';

/** A request never waits longer than this for the cache. */
const COMMAND_MS = 50;
/** Handshake and backstop; our own clock of COMMAND_MS decides for requests. */
const CLIENT_COMMAND_MS = 1_000;
const CONNECT_MS = 1_000;
/** After this long without an answer on a connection that seems to stand, another one is tried: TCP's own retries may sleep for minutes. */
const RECONNECT_AFTER_MS = 3_000;
const RECONNECT_DELAY_MS = 250;
/** Loads that may run at once while Redis is away, so that the table is not hit by all of its readers together. */
const LOADS_WHEN_AWAY = 64;

/** On whose behalf something is sent; the empty trace is nobody's. */
export type Traced = Pick<Context, 'trace'>;

export const NOBODY: Traced = { trace: '' };

/** A connection to one Redis. Handed to the caches of a process; nothing but them talks through it. */
export interface Redis {
  /** The service whose keys these are. */
  readonly owner: string;
  readonly log: Log;
  readonly metrics: Metrics;
  /**
   * Sends the commands in one round trip and answers in their order. Throws AppError UNAVAILABLE STORE_UNAVAILABLE when Redis
   * is away, slow or answers any of them with an error: the outcome of each is then unknown. `atLeastMs`: for work that is on no
   * user's path and may wait longer.
   */
  send(ctx: Traced, commands: readonly Command[], atLeastMs?: number): Promise<unknown[]>;
  /** Whether commands are sent at all just now. */
  up(): boolean;
  /** Registers work that must be done after an outage, before anything else is read. It is tried until it resolves. */
  beforeReturn(work: (send: Redis['send']) => Promise<void>): void;
  /** Bounds the loads that fall through to the table while Redis is away. */
  readonly capped: Cap;
  close(): Promise<void>;
}

export interface RedisOptions {
  readonly owner: string;
  readonly url: string;
  readonly log: Log;
  readonly metrics: Metrics;
  /** How long a request waits for an answer; 50 by default. */
  readonly commandMs?: number;
}

/** Returns at once and connects in the background, forever. Until it is connected, Redis counts as away. */
export const connectRedis = ({ owner, url, log, metrics, commandMs = COMMAND_MS }: RedisOptions): Redis => {
  const client = new Client(url, {
    commandTimeout: Math.max(CLIENT_COMMAND_MS, commandMs),
    connectTimeout: CONNECT_MS,
    enableOfflineQueue: false,
    // Our users may not send it, and nobody reads it.
    disableClientInfo: true,
    maxRetriesPerRequest: 0,
    // A write that was cut off must not run later, behind our back.
    autoResendUnfulfilledCommands: false,
    retryStrategy: () => RECONNECT_DELAY_MS,
    // A primary that became a replica refuses writes; the address may lead to the new one.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  });
  const work: ((send: Redis['send']) => Promise<void>)[] = [];
  const seconds = metrics.histogram(cacheRoundTrip);
  const failures = metrics.counter(cacheFailures);

  const trySend = async (commands: readonly Command[], atLeastMs = 0): Promise<unknown[]> => {
    const timeoutMs = Math.max(commandMs, atLeastMs);
    const replies = await within(timeoutMs, roundTrip(client, commands));
    const unknownScripts = commands.flatMap((_, i) => (isNoScript(replies[i]) ? [i] : []));
    if (unknownScripts.length > 0) {
      const again = unknownScripts.map((i) => spelledOut(commands[i]!));
      const answers = await within(timeoutMs, roundTrip(client, again));
      unknownScripts.forEach((i, n) => (replies[i] = answers[n]));
    }
    const failure = replies.find((reply) => reply instanceof Error);
    if (failure) {
      if (isDefect(failure)) tellRefusal(failure);
      throw failure;
    }
    return replies;
  };
  // What is refused once is refused each time, and a cache is asked thousands of times a second.
  const refusals = new Set<string>();
  const tellRefusal = ({ message }: Error) => {
    if (refusals.has(message)) return;
    refusals.add(message);
    log.error('cache.command.refused', { message });
  };

  const breaker = createBreaker({
    log,
    connected: metrics.gauge(cacheConnected),
    probe: async (openForMs) => {
      try {
        await trySend([command('ping')]);
      } catch (error) {
        if (openForMs > RECONNECT_AFTER_MS && client.status === 'ready') client.disconnect(true);
        throw error;
      }
      for (const settle of work) await settle((_ctx, ...what) => trySend(...what));
    },
  });
  client.on('ready', () => breaker.probeNow());
  client.on('close', () => breaker.lost());
  let refused = false;
  client.on('ready', () => {
    refused = false;
    refusals.clear();
  });
  // ioredis repeats the error at every try to connect; the breaker logs the change, once.
  client.on('error', ({ message }) => {
    const first = !refused && NOT_LET_IN.test(message);
    refused ||= first;
    if (first) log.error('cache.login.refused', { message });
    else log.debug('cache.connection.failed', { message });
  });

  return {
    owner,
    log,
    metrics,
    send: async (ctx, commands, atLeastMs) => {
      if (!breaker.closed()) throw away();
      const started = performance.now();
      const span = startSpanBelow(`redis.${commands[0]?.name}`, 'client', ctx.trace, {
        'db.system.name': 'redis',
        'db.operation.name': commands[0]?.name ?? '',
        'db.operation.batch.size': commands.length,
      });
      try {
        const replies = await trySend(commands, atLeastMs);
        span.end();
        seconds.observe({}, (performance.now() - started) / 1_000);
        breaker.succeeded();
        return replies;
      } catch (error) {
        span.end(error instanceof Error ? error.name : 'unknown');
        failures.add({});
        if (!isDefect(error)) breaker.failed();
        throw away(error);
      }
    },
    up: () => breaker.closed(),
    beforeReturn: (settle) => work.push(settle),
    capped: createCap(LOADS_WHEN_AWAY),
    close: async () => {
      breaker.stop();
      client.disconnect();
    },
  };
};

const roundTrip = async (client: Client, commands: readonly Command[]): Promise<unknown[]> => {
  const answers = await client.pipeline(commands.map(({ name, args }) => [name, ...args])).exec();
  return (answers ?? []).map(([error, reply]) => error ?? reply);
};

/** When the event loop itself was late, the answer may lie unread in the socket: one turn of the loop lets it in before giving up. */
const within = <T>(timeoutMs: number, answer: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => setImmediate(() => reject(new Error(`no answer within ${timeoutMs} ms`))), timeoutMs);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });

const isNoScript = (reply: unknown) => reply instanceof Error && reply.message.startsWith('NOSCRIPT');

/** States of the server in which it answers but cannot serve. */
const UNABLE = /^(LOADING|READONLY|OOM|MISCONF|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|NOREPLICAS)/;

/** A wrong password, or none. */
const NOT_LET_IN = /^(WRONGPASS|NOAUTH)/;

const isDefect = (error: unknown): error is Error =>
  error instanceof Error && error.name === 'ReplyError' && !UNABLE.test(error.message);

const away = (cause?: unknown) =>
  new AppError('UNAVAILABLE', 'STORE_UNAVAILABLE', 'the cache did not answer in time', { domain: 'plaza', cause });
