import { AppError, errorFields, pause, startSpan, type Log, type Metrics, type Tls } from '@plaza/core';
import { connect, type JetStreamClient, type JetStreamManager, type NatsConnection, type Status } from 'nats';

import { credentialsIn, isLoginFailure } from './credentials.ts';
import type { TaskType } from './declare.ts';
import { messaging, writeHeaders } from './envelope.ts';
import { letGoOfFailedAttempts } from './let-go.ts';
import { busConnected } from './metrics.ts';
import { inboxPrefix } from './names.ts';
import { putIntoQueue } from './queue.ts';
import { isRefusedServer } from './refused-server.ts';
import { PUBLISH_TIMEOUT_MS } from './streams.ts';
import { within } from './within.ts';

letGoOfFailedAttempts();

/** One unbroken connection. After a reconnect there is a new one, because the server behind it may have forgotten all. */
export interface Link {
  readonly connection: NatsConnection;
  readonly stream: JetStreamClient;
  readonly admin: JetStreamManager;
  /** Copies of each stream that is made over this connection. */
  readonly replicas: number;
  /** Aborted as soon as the connection breaks. */
  readonly lost: AbortSignal;
}

/** The way to NATS. It may be away at any time, from the start on; nothing here waits for it unless told to. */
export interface Bus {
  readonly namespace: string;
  connected(): boolean;
  /** Flushes what is buffered and disconnects. Close relays and consumers first. */
  close(): Promise<void>;
  /**
   * Puts a task into the work queue; the same id again within 2 minutes is the same task. Gives up after `timeoutMs`, 10 s by default.
   * @throws AppError UNAVAILABLE BUS_UNAVAILABLE when it is not known to be queued.
   */
  enqueue<T>(task: TaskType<T>, payload: T, about: { id: string; trace?: string; timeoutMs?: number }): Promise<void>;
  /** The current connection; for this library only. */
  link(): Link | undefined;
  /** The current or next connection; undefined once the signal aborts or the bus is closed. */
  linked(signal: AbortSignal): Promise<Link | undefined>;
}

export interface BusOptions {
  /** `tls://…`: a server that speaks plaintext, or is of another authority or name, is refused. Several by commas. */
  readonly url: string;
  readonly namespace: string;
  /** Whose connection it is: answers come to an inbox of its own. Absent: to one that everybody may listen to who is not bound. */
  readonly owner?: string;
  /** User and key; absent: whoever comes is let in, or nobody. */
  readonly natsCredsFile?: string | undefined;
  /** Whose authorities vouch for the server, read again for each connection; absent: those that Node knows. Who we are, credentials say. */
  readonly tls?: Tls | undefined;
  /** Copies of each stream that is made, 1 by default; for a cluster 3. */
  readonly natsReplicas?: number | undefined;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Connects in the background, for as long as it takes, and again whenever the connection breaks. */
export const connectBus = (options: BusOptions): Bus => {
  const { namespace, owner, natsCredsFile, natsReplicas: replicas = 1, log } = options;
  const up = options.metrics.gauge(busConnected);
  const closing = new AbortController();
  const waiting = new Set<() => void>();
  let current: (Link & { end: () => void }) | undefined;

  const lose = () => {
    if (!current) return;
    current.end();
    current = undefined;
    up.set({}, 0);
    if (!closing.signal.aborted) log.warn('bus.disconnected');
  };

  const gain = (connection: NatsConnection, admin: JetStreamManager) => {
    lose();
    const broken = new AbortController();
    const [stream, end] = [admin.jetstream(), () => broken.abort()];
    current = { connection, stream, admin, replicas, lost: broken.signal, end };
    up.set({}, 1);
    log.info('bus.connected', { server: connection.info?.server_id });
    for (const wake of waiting) wake();
  };

  const watch = async (connection: NatsConnection, admin: JetStreamManager) => {
    const refused = createRefusalLog(log);
    for await (const status of connection.status()) {
      refused(status);
      if (status.type === 'disconnect') lose();
      if (status.type === 'reconnect') gain(connection, admin);
    }
  };

  const session = async () => {
    const connection = await connect({
      servers: options.url.split(','),
      maxReconnectAttempts: -1,
      reconnectTimeWait: 200,
      reconnectJitter: 100,
      timeout: 2000,
      // A server that is stopped, not dead, is noticed after 3 unanswered pings.
      pingInterval: 2000,
      maxPingOut: 2,
      ...(options.url.startsWith('tls:') && { tls: options.tls ? { caFile: options.tls.caFile } : {} }),
      ...(owner !== undefined && { inboxPrefix: inboxPrefix(namespace, owner) }),
      ...(natsCredsFile !== undefined && { authenticator: credentialsIn(natsCredsFile) }),
    });
    // The check would ask the server, which may not have JetStream ready yet.
    const admin = await connection.jetstreamManager({ checkAPI: false, timeout: PUBLISH_TIMEOUT_MS });
    void watch(connection, admin);
    gain(connection, admin);
    await Promise.race([connection.closed(), aborted(closing.signal)]);
    if (!connection.isClosed())
      await within(
        1000,
        connection.flush().catch(() => undefined),
      );
    lose();
    await connection.close();
  };

  const run = async () => {
    let refused = false;
    while (!closing.signal.aborted) {
      await session()
        .then(() => (refused = false))
        .catch((error: unknown) => {
          const refusal = isLoginFailure(error) ? 'bus.login_refused' : isRefusedServer(error) ? 'bus.server_refused' : undefined;
          if (refusal && !refused) log.error(refusal, errorFields(error));
          else log.debug('bus.connect_failed', errorFields(error));
          refused ||= refusal !== undefined;
        });
      await pause(200, closing.signal);
    }
  };
  const running = run();

  const linked = async (signal: AbortSignal): Promise<Link | undefined> => {
    const stop = AbortSignal.any([signal, closing.signal]);
    while (!current && !stop.aborted)
      await new Promise<void>((resolve) => {
        const wake = () => {
          waiting.delete(wake);
          stop.removeEventListener('abort', wake);
          resolve();
        };
        waiting.add(wake);
        stop.addEventListener('abort', wake, { once: true });
      });
    return stop.aborted ? undefined : current;
  };

  return {
    namespace,
    connected: () => current !== undefined,
    link: () => current,
    linked,
    enqueue: async (task, payload, { id, trace = '', timeoutMs = 2 * PUBLISH_TIMEOUT_MS }) => {
      if (!current) throw busUnavailable();
      const link = current;
      const span = startSpan(`publish ${task.subject}`, 'producer', trace, messaging('send', task.subject, id));
      const headers = { id, subject: task.subject, occurredAt: Date.now(), aggregateId: '', version: 0, trace: span.trace };
      const message = { subject: task.subject, id, headers: writeHeaders(headers), payload: task.encode(payload) };
      const stored = putIntoQueue(link, namespace, message).then(
        () => ({ ok: true as const }),
        (error: unknown) => ({ ok: false as const, error }),
      );
      const outcome = await within(timeoutMs, stored);
      span.end(outcome?.ok ? undefined : 'PUBLISH_FAILED');
      if (!outcome?.ok) throw busUnavailable(outcome?.error);
    },
    close: async () => {
      closing.abort();
      await running;
    },
  };
};

export const busUnavailable = (cause?: unknown): AppError =>
  new AppError('UNAVAILABLE', 'BUS_UNAVAILABLE', 'the event bus did not answer', { domain: 'plaza', cause });

/** What the server does not let us do is a defect, here or in our credentials: each subject is told of once a connection. */
const createRefusalLog = (log: Log) => {
  const known = new Set<string>();
  return ({ permissionContext: refused }: Status): void => {
    if (!refused || known.has(refused.subject)) return;
    known.add(refused.subject);
    log.error('bus.permission_refused', { operation: refused.operation, subject: refused.subject });
  };
};

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
