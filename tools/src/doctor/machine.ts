import { existsSync, readFileSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';

import { ROOT } from '@plaza/testing';

import { doubtful, ill, well, type Finding } from './finding.ts';

const NODE_MAJOR = 26;
const LEAST_DISK_BYTES = 1_000_000_000;
/** Each process holds a connection per peer, caller and engine. */
const LEAST_FILES = 1_024;

/** This machine: what npm brought, and what the system grants. */
export const lookAtMachine = async (home: string): Promise<Finding[]> => [
  nodeFinding(),
  installFinding(),
  generatedFinding(),
  ...(await diskFinding(home)),
  ...filesFinding(),
];

const nodeFinding = (): Finding => {
  const { node } = process.versions;
  return Number.parseInt(node) >= NODE_MAJOR
    ? well('node', node)
    : ill('node', `${node}, and ${NODE_MAJOR} is needed`, 'run tools by npm run, which finds the right one; npm ci brings it');
};

const installFinding = (): Finding => {
  const installed = join(ROOT, 'node_modules/.package-lock.json');
  if (!existsSync(installed)) return ill('npm', 'nothing is installed', 'npm ci');
  return statSync(installed).mtimeMs < statSync(join(ROOT, 'package-lock.json')).mtimeMs && !sameVersions(installed)
    ? doubtful('npm', 'package-lock.json is newer than what is installed', 'npm ci')
    : well('npm', 'what the lock names is installed');
};

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly version?: string; readonly optional?: boolean; readonly link?: boolean }>
  >;
}

/** A checkout touches the lock without changing it. */
const sameVersions = (installed: string): boolean => {
  const packagesOf = (path: string) => (JSON.parse(readFileSync(path, 'utf8')) as Lock).packages;
  const there = packagesOf(installed);
  return Object.entries(packagesOf(join(ROOT, 'package-lock.json')))
    .filter(([path, { optional, link }]) => path.startsWith('node_modules/') && !optional && !link)
    .every(([path, { version }]) => there[path]?.version === version);
};

const generatedFinding = (): Finding =>
  existsSync(join(ROOT, 'libs/proto/gen/api.binpb'))
    ? well('protos', 'generated')
    : ill('protos', 'libs/proto/gen is missing', 'npm run prepare');

const diskFinding = async (home: string): Promise<Finding[]> => {
  const { bavail, bsize } = await statfs(existsSync(home) ? home : ROOT);
  const free = bavail * bsize;
  const says = `${(free / 1e9).toFixed(1)} GB free`;
  return [free < LEAST_DISK_BYTES ? doubtful('disk', says, `empty ${join(home, 'logs')}, or make room`) : well('disk', says)];
};

/** Linux tells what a process may open; elsewhere nothing is said. */
const filesFinding = (): Finding[] => {
  if (!existsSync('/proc/self/limits')) return [];
  const [, soft] = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
  const files = soft === 'unlimited' ? Infinity : Number(soft);
  return [
    files < LEAST_FILES
      ? doubtful('open files', `${soft} a process`, `ulimit -n ${LEAST_FILES}`)
      : well('open files', `${soft} a process`),
  ];
};
