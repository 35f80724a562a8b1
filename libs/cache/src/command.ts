import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

export type Arg = string | number | Uint8Array;

export interface Script {
  readonly source: string;
  readonly sha: string;
}

/** All that this library sends, besides what scripts call. A service's user may send nothing else (access.ts). */
export const COMMANDS = ['del', 'eval', 'evalsha', 'get', 'mget', 'ping', 'set', 'unlink'] as const;

type Name = (typeof COMMANDS)[number];

/** One command of a round trip, under its name in ioredis: `…Buffer` answers bytes. */
export interface Command {
  readonly name: string;
  readonly args: readonly Arg[];
  /** Sent whole when the server does not know its hash: after a restart, a flush of scripts, a failover. */
  readonly script?: Script;
}

export const loadScript = (file: string): Script => {
  const source = readFileSync(new URL(`./lua/${file}.lua`, import.meta.url), 'utf8');
  return { source, sha: createHash('sha1').update(source).digest('hex') };
};

export const command = (name: Name | `${Name}Buffer`, ...args: readonly Arg[]): Command => ({ name, args });

/** Runs a script; every script works on one hash slot, as Redis Cluster asks. */
export const evaluate = (script: Script, keys: readonly string[], ...args: readonly Arg[]): Command => ({
  name: 'evalsha',
  args: [script.sha, keys.length, ...keys, ...args],
  script,
});

/** As `evaluate`, for a script that answers bytes. */
export const evaluateBytes = (script: Script, keys: readonly string[], ...args: readonly Arg[]): Command => ({
  ...evaluate(script, keys, ...args),
  name: 'evalshaBuffer',
});

/** The same call with the script's source in place of its hash. */
export const spelledOut = ({ name, args, script }: Command): Command => ({
  name: name.replace('evalsha', 'eval'),
  args: [script!.source, ...args.slice(1)],
});
