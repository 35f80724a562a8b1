import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

import type { EngineName } from './engine.ts';
import { findBinaries, which, type Binaries } from './find.ts';
import { BREW, lackingOf, packagesOf, type Attempt } from './missing.ts';
import type { Report } from './start.ts';

const run = promisify(execFile);

interface Installation {
  readonly wanted: readonly EngineName[];
  readonly bin: Binaries;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cacheDir: string;
  readonly report: Report;
}

/** Tries every way that this machine offers until nothing is lacking; says how each went. Never throws. */
export const installMissing = async (job: Installation): Promise<Attempt[]> => {
  const { env, wanted, cacheDir } = job;
  if (env['PLAZA_NO_INSTALL']) return [{ how: 'packages', outcome: 'not tried: PLAZA_NO_INSTALL is set' }];
  const folders = (env['PATH'] ?? '').split(delimiter).filter(Boolean);
  const [apt] = which(['apt-get'], folders);
  const [brew] = which(['brew'], folders);
  const attempts: Attempt[] = [];
  for (const [how, tool, install] of [
    ['apt as root', apt && process.getuid?.() === 0 ? apt : undefined, aptInstall],
    ['apt, unpacked', apt && process.getuid?.() !== 0 ? apt : undefined, aptUnpack],
    ['brew', lackingOf(wanted, job.bin).length > 0 ? brew : undefined, brewInstall],
  ] as const) {
    if (tool === undefined) continue;
    attempts.push(await attempt(job, how, () => install(tool, job)));
    if (lackingOf(wanted, await findBinaries(env, cacheDir)).length === 0) break;
  }
  return attempts.length > 0 ? attempts : [{ how: 'packages', outcome: 'neither apt-get nor brew is on PATH' }];
};

const attempt = async (job: Installation, how: string, install: () => Promise<string>): Promise<Attempt> => {
  let outcome = '';
  await job.report(
    () => `${how}: ${outcome}`,
    async () => {
      outcome = await install().catch((error: unknown) => `failed: ${lastLine(error)}`);
    },
  );
  return { how, outcome };
};

const lastLine = (error: unknown): string => {
  const { stderr, message } = error as { stderr?: string; message: string };
  return (stderr?.trim() || message).split('\n').at(-1) ?? message;
};

const aptNames = ({ wanted, bin }: Installation): string[] => [
  ...(wanted.includes('redis') && bin.redis === undefined ? ['redis-server'] : []),
  ...(wanted.includes('nats') && bin.nats === undefined ? ['nats-server'] : []),
  ...(wanted.includes('dynamodb') && bin.java === undefined ? ['openjdk-17-jre-headless'] : []),
  ...(wanted.includes('dynamodb') && bin.eatmydata === undefined ? ['libeatmydata1'] : []),
];

const POLICY = '/usr/sbin/policy-rc.d';

const aptInstall = async (apt: string, job: Installation): Promise<string> => {
  const names = aptNames(job);
  const options = { env: { ...job.env, DEBIAN_FRONTEND: 'noninteractive' }, timeout: 300_000, maxBuffer: 1 << 26 };
  // Debian starts a server when it installs one. We want the binary, not a server on a port that the owner did not ask for.
  const ours = !existsSync(POLICY);
  if (ours) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await run(apt, ['update', '-q'], options);
    const available = await newestJava(names, options);
    await run(apt, ['install', '-q', '-y', '--no-install-recommends', ...available], options);
    return `installed ${available.join(' ')}`;
  } finally {
    if (ours) rmSync(POLICY, { force: true });
  }
};

/** Debian 12 has Java 17; newer releases have dropped it for 21 or 25. */
const newestJava = async (names: readonly string[], options: object): Promise<string[]> => {
  const java = names.find((name) => name.startsWith('openjdk'));
  if (java === undefined) return [...names];
  const choices = [java, 'openjdk-21-jre-headless', 'openjdk-25-jre-headless'];
  const known = await Promise.all(
    choices.map((name) =>
      run('apt-cache', ['show', name], options).then(
        () => true,
        () => false,
      ),
    ),
  );
  return names.map((name) => (name === java ? (choices[known.indexOf(true)] ?? java) : name));
};

/** What redis-server's package is made of; nats-server and libeatmydata1 need nothing else. */
const REDIS_PARTS = ['redis-server', 'redis-tools', 'liblzf1', 'libjemalloc2', 'libatomic1'];

/** Not root: the packages are fetched and unpacked below our own folder. A JRE is too entangled with /etc for that. */
const aptUnpack = async (apt: string, job: Installation): Promise<string> => {
  const names = aptNames(job).flatMap((name) =>
    name === 'redis-server' ? REDIS_PARTS : name.startsWith('openjdk') ? [] : [name],
  );
  if (names.length === 0) return 'java cannot be unpacked without root';
  const debs = join(job.cacheDir, 'debs');
  const lists = join(job.cacheDir, 'lists');
  mkdirSync(debs, { recursive: true });
  mkdirSync(join(lists, 'partial'), { recursive: true });
  const own = ['-o', `Dir::State::Lists=${lists}`, '-o', `Dir::Cache=${debs}`, '-o', 'Debug::NoLocking=1', '-q'];
  const options = { cwd: debs, env: { ...job.env }, timeout: 300_000, maxBuffer: 1 << 26 };
  await run(apt, [...own, 'update'], options);
  await run(apt, [...own, 'download', ...names], options);
  for (const deb of readdirSync(debs).filter((name) => name.endsWith('.deb'))) {
    await run('dpkg-deb', ['-x', join(debs, deb), job.cacheDir], options);
  }
  rmSync(lists, { recursive: true, force: true });
  rmSync(debs, { recursive: true, force: true });
  return `unpacked ${names.join(' ')} below ${job.cacheDir}`;
};

const brewInstall = async (brew: string, job: Installation): Promise<string> => {
  const names = packagesOf(lackingOf(job.wanted, job.bin), BREW);
  const env = { ...job.env, HOMEBREW_NO_AUTO_UPDATE: '1' };
  await run(brew, ['install', ...names], { env, timeout: 600_000, maxBuffer: 1 << 26 });
  return `installed ${names.join(' ')}`;
};
