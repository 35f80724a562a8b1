import { startChild, type Child, type Exit } from './child.ts';

export interface ServiceOptions {
  readonly name: string;
  /** Path of main.ts or worker.ts. */
  readonly entry: string;
  /** All that the process sees, besides PATH and HOME. */
  readonly env: Readonly<Record<string, string>>;
  /** Every line that it writes. */
  readonly log?: (line: string) => void;
  /** How long it may take to start, in milliseconds; 30,000 by default. */
  readonly readyMs?: number;
}

/** A service as a process of its own. */
export interface ServiceProcess {
  readonly name: string;
  /** Of the process that runs now, or ran last. */
  readonly pid: number;
  /** As it announced them. */
  readonly port: number;
  readonly adminPort: number;
  readonly exited: Promise<Exit>;
  running(): boolean;
  tail(): readonly string[];
  /** SIGKILL by default. */
  kill(signal?: NodeJS.Signals): void;
  /** SIGTERM, which drains it; SIGKILL after `limitMs`, 15,000 by default. */
  stop(limitMs?: number): Promise<Exit>;
  /** Ends it if it still runs, and starts it anew; `env` is laid over its environment for good. */
  restart(env?: Readonly<Record<string, string>>): Promise<void>;
}

const STOP_MS = 15_000;

/**
 * Starts a service and waits for its `service.started` line. `log` also gets what it writes before and after.
 * @throws Error with the process's last lines when it ends or stays silent.
 */
export const spawnService = async (options: ServiceOptions): Promise<ServiceProcess> => {
  let { env } = options;
  let current = await start(options, env);
  return {
    name: options.name,
    get pid() {
      return current.child.pid;
    },
    get port() {
      return current.port;
    },
    get adminPort() {
      return current.adminPort;
    },
    get exited() {
      return current.child.exited;
    },
    running: () => current.child.running(),
    tail: () => current.child.tail(),
    kill: (signal = 'SIGKILL') => current.child.signal(signal),
    stop: (limitMs = STOP_MS) => current.child.stop(limitMs),
    restart: async (changes = {}) => {
      await current.child.stop(STOP_MS);
      env = { ...env, ...changes };
      current = await start(options, env);
    },
  };
};

interface Started {
  readonly child: Child;
  readonly port: number;
  readonly adminPort: number;
}

const start = async (
  { name, entry, log, readyMs = 30_000 }: ServiceOptions,
  env: Readonly<Record<string, string>>,
): Promise<Started> => {
  const announced = Promise.withResolvers<{ port: number; adminPort: number }>();
  const child = startChild({
    command: process.execPath,
    args: [entry],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    onLine: (line) => {
      const ports = announcement(line);
      if (ports) announced.resolve(ports);
      log?.(line);
    },
  });
  const fail = (what: string) => new Error(`${name} ${what}; its last lines:\n${child.tail().slice(-20).join('\n')}`);
  const timer = setTimeout(() => announced.reject(fail(`did not start within ${readyMs} ms`)), readyMs);
  void child.exited.then((exit) => announced.reject(fail(`ended before it had started (${exit.signal ?? `code ${exit.code}`})`)));
  try {
    return { child, ...(await announced.promise) };
  } catch (error) {
    await child.stop(0);
    throw error;
  } finally {
    clearTimeout(timer);
  }
};

const announcement = (line: string): { port: number; adminPort: number } | undefined => {
  if (!line.includes('service.started')) return undefined;
  const { port, adminPort } = JSON.parse(line) as { port?: number; adminPort?: number };
  return { port: port ?? 0, adminPort: adminPort ?? 0 };
};
