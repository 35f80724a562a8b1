import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { localNats, LOCAL_REDIS_USERS, REDIS_TESTER } from '../security/local-users.ts';
import type { Binaries } from './find.ts';
import type { EngineName } from './engine.ts';

/** How one engine is run, whoever runs it. `dataDir` undefined means in memory. */
export interface EngineSpec {
  readonly scheme: string;
  /** Who a client says it is, in the address: may do anything. */
  readonly login?: string;
  /** Content of a configuration file, which is put where the arguments say. */
  readonly config?: () => string;
  /** The command of a local process, whose configuration file is in `dataDir`; undefined when the machine lacks it. */
  command(bin: Binaries, port: number, dataDir: string | undefined): Command | undefined;
  /** Name of the service in docker-compose.yml, whose image is used. */
  readonly composeName: string;
  readonly containerPort: number;
  containerArgs(dataDir: string | undefined): string[];
}

export interface Command {
  readonly path: string;
  readonly args: string[];
  readonly env: Record<string, string>;
}

/** Longer listpacks make a timeline of 500 entries 5 times smaller than a skip list. */
const REDIS_FLAGS = ['--save', '', '--appendonly', 'no', '--zset-max-listpack-entries', '1024', ...LOCAL_REDIS_USERS];

export const CONFIG_FILE = 'plaza.conf';

const redis: EngineSpec = {
  scheme: 'redis',
  login: REDIS_TESTER,
  command: (bin, port, dataDir) =>
    bin.redis === undefined
      ? undefined
      : {
          path: bin.redis,
          args: [
            '--port',
            String(port),
            '--bind',
            '127.0.0.1',
            '--daemonize',
            'no',
            '--loglevel',
            'warning',
            ...REDIS_FLAGS,
            // Where a snapshot goes, if somebody asks for one; else it would be the folder that we were started from.
            ...(dataDir === undefined ? [] : ['--dir', dataDir]),
          ],
          env: unpackedLibraries(bin.redis),
        },
  composeName: 'redis',
  containerPort: 6379,
  containerArgs: () => ['redis-server', ...REDIS_FLAGS],
};

const nats: EngineSpec = {
  scheme: 'nats',
  config: localNats,
  command: (bin, port, dataDir) =>
    bin.nats === undefined || dataDir === undefined
      ? undefined
      : {
          path: bin.nats,
          args: ['-c', join(dataDir, CONFIG_FILE), '-js', '-a', '127.0.0.1', '-p', String(port), '-sd', dataDir],
          env: {},
        },
  composeName: 'nats',
  containerPort: 4222,
  containerArgs: () => ['-c', `/etc/${CONFIG_FILE}`, '-js', '-sd', '/data'],
};

/**
 * Never -sharedDb: each access key then has a database of its own, and the engine works on several at once. In memory it
 * writes 6,000 rows a second; in files 400, or 2,400 where libeatmydata spares it an fsync a row. The full JIT pays off
 * only in long runs, so a test does without.
 */
const dynamodb: EngineSpec = {
  scheme: 'http',
  command: (bin, port, dataDir) =>
    bin.java === undefined || bin.jar === undefined
      ? undefined
      : {
          path: bin.java,
          args: [
            '-XX:+UseSerialGC',
            ...(dataDir === undefined ? ['-XX:TieredStopAtLevel=1'] : []),
            `-Djava.library.path=${join(dirname(bin.jar), 'DynamoDBLocal_lib')}`,
            '-jar',
            bin.jar,
            '-port',
            String(port),
            ...storage(dataDir),
          ],
          env: dataDir !== undefined && bin.eatmydata !== undefined ? { LD_PRELOAD: bin.eatmydata } : {},
        },
  composeName: 'dynamodb',
  containerPort: 8000,
  containerArgs: (dataDir) => ['-jar', 'DynamoDBLocal.jar', ...storage(dataDir && '/data')],
};

const storage = (dataDir: string | undefined): string[] => [
  ...(dataDir === undefined ? ['-inMemory'] : ['-dbPath', dataDir]),
  '-disableTelemetry',
];

/** A binary that was unpacked somewhere, not installed, finds its libraries beside it. */
const unpackedLibraries = (path: string): Record<string, string> => {
  const prefix = path.slice(0, Math.max(0, path.indexOf('/usr/bin/')));
  const [libraries] = prefix === '' ? [] : globSync(join(prefix, 'usr/lib/*-linux-gnu'));
  return libraries === undefined ? {} : { LD_LIBRARY_PATH: libraries };
};

export const SPECS: Readonly<Record<EngineName, EngineSpec>> = { redis, nats, dynamodb };
