import { pause } from '@plaza/core';
import { eventually, type Engine } from '@plaza/testing';

import type { World } from '../world.ts';
import { nameOf, type Cell } from './cells.ts';

/** Longer than a process keeps an order to itself, so that another one takes it up while this one stands still. */
const PAUSED_MS = 8000;
/** A dead process is started again, as Kubernetes would. */
const DEAD_MS = 1000;
const AWAY_MS = 6000;
/** Calls get slow, but most are answered within their budgets. */
const SLOW_MS = 300;
/** Until then the work has begun. */
const BEGUN_MS = 300;
const REACHED_MS = 90_000;

export interface Arena {
  readonly world: World;
  /** Those that may be wiped. */
  readonly engines: Readonly<Record<'nats' | 'redis', Engine>>;
  /** Whether a process has said that it is at this crash point. */
  readonly reached: (point: string) => boolean;
}

/**
 * Prepares the fault of a cell: a crash point is armed before the work begins, the rest strikes while it is under way. What it answers,
 * called when the work begins, resolves when the fault is over.
 * @throws Error from that if the crash point was never reached
 */
export const prepare = async (arena: Arena, cell: Cell): Promise<() => Promise<void>> => {
  if (cell.kind === 'away') return () => away(arena, cell);
  await arena.world.plaza.process(cell.process).restart({ CRASH_AT: `${cell.point}:${cell.how}` });
  return () => grief(arena, cell);
};

const grief = async ({ world, reached }: Arena, cell: Extract<Cell, { kind: 'crash' }>): Promise<void> => {
  const victim = world.plaza.process(cell.process);
  const arrived = () => {
    if (!reached(cell.point)) throw new Error(`${nameOf(cell)} was not reached`);
  };
  await eventually(arrived, { timeoutMs: REACHED_MS, everyMs: 20 });
  if (cell.how === 'exit') {
    await victim.exited;
    await pause(DEAD_MS);
    await victim.restart({ CRASH_AT: '' });
  }
  if (cell.how === 'pause') {
    await pause(PAUSED_MS);
    victim.kill('SIGCONT');
  }
};

const away = async ({ world, engines }: Arena, { what, trouble }: Extract<Cell, { kind: 'away' }>): Promise<void> => {
  await pause(BEGUN_MS);
  if (trouble === 'wipe') {
    if (what !== 'nats' && what !== 'redis') throw new Error(`${what} is the truth and is not wiped`);
    return engines[what].wipe();
  }
  const proxy = world.plaza.proxy(what);
  if (trouble === 'down') proxy.cut();
  if (trouble === 'slow') proxy.latency(SLOW_MS);
  if (trouble === 'blackhole') proxy.blackhole();
  await pause(AWAY_MS);
  proxy.heal();
};
