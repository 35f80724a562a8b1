import { startChild, type Child, type ChildOptions, type Exit } from './child.ts';

export interface ServiceOptions {
  readonly name: string;
  /** Path of main.ts or worker.ts. */
  readonly entry: string;
  /** All that the process sees, besides PATH, HOME and Node's compile cache. */
  readonly env: Readonly<Record<string, string>>;
  /** Every line that it writes. */
  readonly log?: (line: string) => void;
  readonly installation?: Installation;
  /** How long it may take to start, in milliseconds; 30,000 by default. */
  readonly readyMs?: number;
}

/** Where a service is installed, if not in this repository. */
export interface Installation {
  readonly node: string;
  /** Entries are relative to it. */
  readonly folder: string;
  readonly uid?: number;
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
  // The newest process, from the moment it exists: what is being started can already be stopped.
  let child: Child = startChild(commandOf(options, env));
  let ports = await announcement(options, child);
  return {
    name: options.name,
    get pid() {
      return child.pid;
    },
    get port() {
      return ports.port;
    },
    get adminPort() {
      return ports.adminPort;
    },
    get exited() {
      return child.exited;
    },
    running: () => child.running(),
    tail: () => child.tail(),
    kill: (signal = 'SIGKILL') => child.signal(signal),
    stop: (limitMs = STOP_MS) => child.stop(limitMs),
    restart: async (changes = {}) => {
      await child.stop(STOP_MS);
      env = { ...env, ...changes };
      child = startChild(commandOf(options, env));
      ports = await announcement(options, child);
    },
  };
};

const commandOf = ({ entry, log, installation }: ServiceOptions, env: Readonly<Record<string, string>>): ChildOptions => ({
  command: installation?.node ?? process.execPath,
  args: [entry],
  // Installed elsewhere, it has what it is given and nothing of ours.
  env: installation ? { HOME: installation.folder, ...env } : { ...inherited(), ...env },
  ...(installation && { cwd: installation.folder }),
  ...(installation?.uid !== undefined && { uid: installation.uid }),
  ...(log && { onLine: log }),
});

const inherited = (): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  HOME: process.env['HOME'],
  // Set by tools/n.sh; makes a start a third shorter.
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
});

interface Ports {
  readonly port: number;
  readonly adminPort: number;
}

/** Waits for the line that says where it listens; ends the process if that line does not come. */
const announcement = async ({ name, readyMs = 30_000 }: ServiceOptions, child: Child): Promise<Ports> => {
  const { promise, resolve, reject } = Promise.withResolvers<Ports>();
  const fail = (what: string) => reject(new Error(`${name} ${what}; its last lines:\n${child.tail().slice(-20).join('\n')}`));
  child.onLine((line) => {
    const ports = portsIn(line);
    if (ports) resolve(ports);
  });
  const timer = setTimeout(() => fail(`did not start within ${readyMs} ms`), readyMs);
  void child.exited.then((exit) => fail(`ended before it had started (${exit.signal ?? `code ${exit.code}`})`));
  try {
    return await promise;
  } catch (error) {
    await child.stop(0);
    throw error;
  } finally {
    clearTimeout(timer);
  }
};

const portsIn = (line: string): Ports | undefined => {
  if (!line.includes('service.started')) return undefined;
  const { port, adminPort } = JSON.parse(line) as Partial<Ports>;
  return { port: port ?? 0, adminPort: adminPort ?? 0 };
};
