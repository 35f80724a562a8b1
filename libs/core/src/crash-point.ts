import process from 'node:process';

import { AppError } from './errors.ts';

/**
 * What happens at the point: `exit` dies as by kill -9; `pause` stands still as by SIGSTOP, until somebody sends SIGCONT; `lose` goes on
 * as if the answer to what was just done had been lost. The last two happen once.
 */
type How = 'exit' | 'pause' | 'lose';

let armed: { readonly name: string; readonly how: How } | undefined;

/** Chooses the one point at which this process comes to grief: its name, or `name:how`. Only main.ts calls it, from CRASH_AT. */
export const armCrashPoint = (point: string | undefined): void => {
  const [name, how = 'exit'] = (point ?? '').split(':');
  if (how !== 'exit' && how !== 'pause' && how !== 'lose')
    throw new Error(`CRASH_AT=${point}: ${how} is none of exit, pause, lose`);
  armed = name ? { name, how } : undefined;
};

/**
 * Marks a place where a crash would be nasty: between a write and its publication, between two steps of a saga. A no-op
 * unless armed; the fault tests arm every one in turn and expect the same end state.
 */
export const crashPoint = (name: string): void => {
  if (armed?.name !== name) return;
  const { how } = armed;
  process.stderr.write(`${JSON.stringify({ msg: 'crash_point.reached', name, how })}\n`);
  if (how === 'exit') process.kill(process.pid, 'SIGKILL');
  armed = undefined;
  if (how === 'pause') process.kill(process.pid, 'SIGSTOP');
  else throw new AppError('UNAVAILABLE', 'REPLY_LOST', `the answer was lost at ${name}`, { domain: 'plaza' });
};
