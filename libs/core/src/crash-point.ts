import { readFileSync } from 'node:fs';
import process from 'node:process';

import { AppError } from './errors.ts';

/**
 * What happens at the point: `exit` dies as by kill -9; `pause` stands still as by SIGSTOP, until somebody sends SIGCONT; `lose` goes on
 * as if the answer to what was just done had been lost. The last two happen once.
 */
type How = 'exit' | 'pause' | 'lose';

interface Armed {
  readonly name: string;
  readonly how: How;
}

let armed: Armed | undefined;
/** Names the point from outside, while the process runs. */
let file: string | undefined;

/**
 * Chooses the one point at which this process comes to grief: its name, or `name:how`; or `@` and the path of a file that says so, or is
 * empty, looked into at every point. Only main.ts calls it, from CRASH_AT.
 */
export const armCrashPoint = (point: string | undefined): void => {
  file = point?.startsWith('@') ? point.slice(1) : undefined;
  armed = file === undefined ? armedIn(point) : undefined;
};

const armedIn = (point: string | undefined): Armed | undefined => {
  const [name, how = 'exit'] = (point ?? '').split(':');
  if (how !== 'exit' && how !== 'pause' && how !== 'lose')
    throw new Error(`CRASH_AT=${point}: ${how} is none of exit, pause, lose`);
  return name ? { name, how } : undefined;
};

/**
 * Marks a place where a crash would be nasty: between a write and its publication, between two steps of a saga. A no-op
 * unless armed; the fault tests arm every one in turn and expect the same end state.
 */
export const crashPoint = (name: string): void => {
  const at = file === undefined ? armed : armedIn(readFileSync(file, 'utf8'));
  if (at?.name !== name) return;
  const { how } = at;
  process.stderr.write(`${JSON.stringify({ msg: 'crash_point.reached', name, how })}\n`);
  if (how === 'exit') process.kill(process.pid, 'SIGKILL');
  armed = undefined;
  if (how === 'pause') process.kill(process.pid, 'SIGSTOP');
  else throw new AppError('UNAVAILABLE', 'REPLY_LOST', `the answer was lost at ${name}`, { domain: 'plaza' });
};
