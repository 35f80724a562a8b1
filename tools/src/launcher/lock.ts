import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';

/** Who holds the lock: its pid, and a port at which it says so. */
interface Holder {
  readonly pid: number;
  readonly port: number;
}

export interface Lock {
  release(): void;
}

/**
 * At most one launcher works in a folder. The holder answers with its pid on a port of its own, so that a pid file left
 * behind by a crash is told from a live one, even when the pid meanwhile belongs to somebody else.
 * @throws Error naming the pid of the other one and what can be done.
 */
export const takeLock = async (home: string): Promise<Lock> => {
  mkdirSync(home, { recursive: true });
  const path = join(home, 'launcher.json');
  const server = createServer((socket) => socket.end(String(process.pid)));
  server.unref();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const own: Holder = { pid: process.pid, port: (server.address() as AddressInfo).port };
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(own));
  try {
    while (!linked(draft, path)) {
      const holder = readHolder(path);
      if (holder && (await isAlive(holder))) throw alreadyRunning(holder, home);
      rmSync(path, { force: true });
    }
  } catch (error) {
    server.close();
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return {
    release: () => {
      server.close();
      if (readHolder(path)?.pid === process.pid) rmSync(path, { force: true });
    },
  };
};

/** A hard link appears with its whole content or not at all, and never over another: two that start at once cannot both win. */
const linked = (from: string, to: string): boolean => {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
};

const readHolder = (path: string): Holder | undefined => {
  try {
    const { pid, port } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Holder>;
    return pid && port ? { pid, port } : undefined;
  } catch {
    return undefined;
  }
};

const isAlive = ({ pid, port }: Holder): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const end = (alive: boolean) => {
      socket.destroy();
      resolve(alive);
    };
    socket.on('data', (bytes) => end(bytes.toString() === String(pid)));
    socket.on('error', () => end(false));
    socket.on('end', () => end(false));
    // Somebody accepted and is silent: a launcher that is paused or very busy.
    socket.setTimeout(2_000, () => end(exists(pid)));
  });

const exists = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const alreadyRunning = ({ pid }: Holder, home: string): Error =>
  new Error(
    `Plaza already runs here, as process ${pid}\n` +
      `  its addresses and calls to try, once the demo is loaded: ${join(home, 'cheat-sheet.txt')}\n` +
      `  its logs: ${join(home, 'logs')}\n` +
      `  to stop it: Ctrl-C in its terminal, or: kill ${pid}`,
  );
