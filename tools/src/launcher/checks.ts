import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { ROOT } from '@plaza/testing';

import type { Freshness } from '../demo/types.ts';
import type { Fleet } from './fleet.ts';
import type { Screen } from './screen.ts';

const run = promisify(execFile);

const FRESH_MS = 5_000;
const COMMAND_MS = 60_000;

/** Gives back what is wrong; nothing, normally. */
export type Check = () => Promise<string | undefined>;

export const everyProcessIsHealthy =
  ({ processes }: Fleet): Check =>
  async () => {
    const ill: string[] = [];
    for (const { name, process } of processes) {
      const response = await fetch(`http://127.0.0.1:${process.adminPort}/healthz`).catch(() => undefined);
      if (response?.status !== 200) ill.push(`${name} (${response?.status ?? 'no answer'})`);
    }
    return ill.length > 0 ? `not healthy: ${ill.join(', ')}` : undefined;
  };

export const isFresh =
  (freshness: Freshness): Check =>
  async () => {
    if (freshness.followers === 0) return 'the posts had no followers';
    return freshness.p99Ms < FRESH_MS ? undefined : `p99 is ${freshness.p99Ms} ms, the limit ${FRESH_MS} ms`;
  };

/** Pasted as it stands, each call of the cheat sheet must work. */
export const worksAsPasted =
  (command: string): Check =>
  async () => {
    try {
      await run('/bin/sh', ['-c', command], { cwd: ROOT, timeout: COMMAND_MS });
      return undefined;
    } catch (error) {
      const { stderr, message } = error as { stderr?: string; message: string };
      return `${withoutToken(command)}: ${withoutToken(stderr?.trim() || message)}`;
    }
  };

const withoutToken = (text: string): string => text.replaceAll(/TOKEN=\S+/g, 'TOKEN=…');

/** Runs all checks, says how each went, and gives back how many failed. */
export const runChecks = async (screen: Screen, checks: readonly (readonly [name: string, check: Check])[]): Promise<number> => {
  let failed = 0;
  for (const [name, check] of checks) {
    const start = performance.now();
    const problem = await check();
    if (problem !== undefined) failed++;
    screen.step(problem === undefined ? `ok: ${name}` : `FAILED: ${name}: ${problem}`, performance.now() - start);
  }
  return failed;
};
