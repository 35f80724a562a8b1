import { Server } from '@grpc/grpc-js';
import { pause, type Log, type ServiceConfig, type Tls } from '@plaza/core';

import { assertMayListen } from './address.ts';
import { startAdmin } from './admin.ts';
import { createAdmission, type Admission } from './admission.ts';
import { callMetrics } from './call-metrics.ts';
import type { BoundService } from './definition.ts';
import { explainEveryStatus, explainUnknownMethods } from './guard.ts';
import { createHealth, startProbes } from './health.ts';
import { openIdentity } from './identity.ts';
import { implement } from './implement.ts';
import { channelOptions, defaultLimits, MAX_MESSAGE_BYTES, type Limits } from './limits.ts';
import type { MetricsRegistry } from './metrics-registry.ts';
import { buildInfo } from './metrics.ts';
import { listenPlain, type Listener } from './plain-listener.ts';
import { quietGrpc } from './quiet.ts';
import type { Limiter } from './rate-limits.ts';
import { addReflection } from './reflection.ts';
import type { SessionGuard } from './session-guard.ts';
import { listenTls } from './tls-listener.ts';
import type { Verifier } from './verifier.ts';
import { settingsOf } from './settings.ts';
import { statusPage } from './status-page.ts';
import { statusTables } from './status-tables.ts';
import { VERSION } from './version.ts';
import { createWatches } from './watches.ts';

export interface ServerOptions {
  /** Name of the service, such as `order`: the domain of its own error reasons is `plaza.order`. */
  readonly service: string;
  /** host:port of gRPC and of the admin port; port 0 is any free one. */
  readonly listen: string;
  readonly adminListen: string;
  /** host:port of a plaintext server that says grpc.health.v1 and nothing else; absent: there is none. */
  readonly healthListen?: string | undefined;
  /** Plaintext off loopback is refused without it. */
  readonly allowPlaintext: boolean;
  /** The admin and health ports may speak plaintext off loopback all the same. */
  readonly plaintextAdmin?: boolean;
  /** Mutual TLS: who has no certificate of our authorities is refused, and brings no token but its own. Absent: plaintext. */
  readonly tls?: Tls | undefined;
  readonly reflection: boolean;
  readonly services: readonly BoundService[];
  readonly verifier: Verifier;
  /** Stops access tokens whose session has ended; without it they are good until their time is over. */
  readonly sessions?: SessionGuard;
  readonly log: Log;
  readonly metrics: MetricsRegistry;
  readonly limits?: Partial<Limits>;
  /** Counts the calls of methods whose policy limits them; needed if one does. */
  readonly limiter?: Limiter;
  /** What /statusz tells beside the server's own facts. */
  readonly status?: () => Promise<Record<string, unknown>>;
}

/** The rest of the configuration is told on /statusz, as far as it is no secret. */
type Settings = Partial<Omit<ServiceConfig, keyof ServerOptions>>;

export interface RunningServer {
  readonly port: number;
  readonly adminPort: number;
  readonly healthPort: number | undefined;
  /** Says NOT_SERVING, takes no new connections, ends the watches, lets calls in flight end (up to `limits.drainMs`), stops. */
  close(): Promise<void>;
}

/**
 * @throws Error if a method has no policy or no handler, if an address is taken, or would carry plaintext off loopback, or if the files
 * of `tls` do not fit together
 */
export const startServer = async (options: ServerOptions & Settings): Promise<RunningServer> => {
  quietGrpc();
  const { service, services, verifier, log, metrics } = options;
  assertMayListenAll(options);
  await using opened = new AsyncDisposableStack();
  const limits = { ...defaultLimits, ...options.limits };
  const admission = createAdmission(limits, metrics);
  const watches = createWatches(limits, metrics);
  const serving = {
    domain: `plaza.${service}`,
    verifier,
    sessions: options.sessions,
    admission,
    watches,
    metrics: callMetrics(metrics, 'server'),
    limiter: options.limiter,
    mutualTls: options.tls !== undefined,
    log,
  };
  metrics.gauge(buildInfo).set({ service, version: VERSION, node: process.version }, 1);
  const implemented = services.map((bound) => implement(bound, serving));
  const contracts = implemented.flatMap((one) => one.contracts);
  for (const { fullName, maxRequestBytes } of contracts)
    if (maxRequestBytes > MAX_MESSAGE_BYTES)
      throw new Error(`${fullName} allows ${maxRequestBytes} bytes; ${MAX_MESSAGE_BYTES} is the limit`);

  const server = new Server({
    ...channelOptions(limits, Math.max(...contracts.map(({ budgetMs }) => budgetMs))),
    interceptors: [explainEveryStatus],
  });
  for (const { definition, implementation } of implemented) server.addService(definition, implementation);
  const names = services.map(({ definition }) => definition.fullName);
  const health = createHealth(names);
  health.addTo(server);
  if (options.reflection) addReflection(server, [...names, 'grpc.health.v1.Health']);
  explainUnknownMethods(server);

  const status = async () => ({
    service,
    version: VERSION,
    healthy: health.serving(),
    in_flight: admission.inFlight,
    watches: watches.open,
    node: process.version,
    pid: process.pid,
    uptime_s: Math.round(process.uptime()),
    rss_mb: Math.round(process.memoryUsage.rss() / 2 ** 20),
    ...(await options.status?.()),
  });
  const page = async () => {
    const { healthy, service: name, ...facts } = await status();
    const tables = statusTables(await metrics.readings());
    return statusPage({ service: name, healthy, facts, tables, settings: settingsOf(options) });
  };
  // Who asks before the server listens hears that it does not serve yet, and who asks while it drains, that it does not any more.
  const probes = options.healthListen === undefined ? undefined : await startProbes(options.healthListen, health);
  opened.defer(() => probes?.close());
  const healthy = () => health.serving();
  const admin = await startAdmin({ listen: options.adminListen, metrics, log, healthy, status, page });
  opened.defer(() => admin.close());
  const identity = options.tls && openIdentity(options.tls, options);
  opened.defer(() => identity?.close());
  const listener = identity
    ? await listenTls(server, { address: options.listen, identity, log })
    : await listenPlain(server, options.listen);
  opened.defer(async () => {
    health.setServing(false);
    watches.close();
    await drain(server, listener, admission, limits.drainMs, log);
  });
  health.setServing(true);

  const running = opened.move();
  return { port: listener.port, adminPort: admin.port, healthPort: probes?.port, close: () => running.disposeAsync() };
};

const assertMayListenAll = ({ listen, adminListen, healthListen, allowPlaintext, plaintextAdmin, tls }: ServerOptions): void => {
  if (!tls) assertMayListen(listen, allowPlaintext);
  const aside = allowPlaintext || plaintextAdmin === true;
  assertMayListen(adminListen, aside);
  if (healthListen !== undefined) assertMayListen(healthListen, aside);
};

/** Watchers of health never hang up by themselves, so what counts is our own calls, not the connections. */
const drain = async (server: Server, listener: Listener, admission: Admission, drainMs: number, log: Log): Promise<void> => {
  const until = Date.now() + drainMs;
  let closed = false;
  const ended = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  const closing = Promise.all([ended, listener.close()]).then(() => {
    closed = true;
  });
  while (!closed && admission.inFlight > 0 && Date.now() < until) await Promise.race([closing, pause(10)]);
  if (admission.inFlight > 0) log.warn('server.drain_cut', { in_flight: admission.inFlight });
  // The last answers may still be on their way out.
  await Promise.race([closing, pause(Math.min(100, Math.max(0, until - Date.now())))]);
  server.forceShutdown();
};
