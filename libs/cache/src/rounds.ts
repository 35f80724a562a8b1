import { backgroundContext, type Context } from '@plaza/core';

import { whileAlive } from './flights.ts';

interface Asker<K, V> {
  readonly ctx: Context;
  readonly keys: readonly K[];
  readonly found: PromiseWithResolvers<ReadonlyMap<K, V>>;
}

/** Reads these keys, each once; those that are not there are left out. */
export type ReadRound<K, V> = (ctx: Context, keys: readonly K[]) => Promise<ReadonlyMap<K, V>>;

/** Answers at least what is known of the keys asked for, as it was at some moment after they were asked for. */
export type Rounds<K, V> = (ctx: Context, keys: readonly K[]) => Promise<ReadonlyMap<K, V>>;

/**
 * Lets those who ask at one moment share their reads, however many ask for the same. A round begins after all whose keys it reads have
 * asked, so that nobody is answered anything older than by a read of their own; whoever comes while `atOnce` rounds are under way goes
 * into the next one. A round reads `most` keys at most, unless one asker alone asks for more. A round that fails fails for all of its
 * askers, and ends after `timeoutMs`, whoever of them has left.
 */
export const createRounds = <K extends string, V>(options: {
  read: ReadRound<K, V>;
  most: number;
  atOnce: number;
  timeoutMs: number;
}): Rounds<K, V> => {
  const { read, most, atOnce, timeoutMs } = options;
  const waiting: Asker<K, V>[] = [];
  let underWay = 0;

  /** Those who fit into one round, in the order in which they came. */
  const board = (): { aboard: Asker<K, V>[]; keys: K[] } => {
    const keys = new Set<K>();
    const aboard: Asker<K, V>[] = [];
    while (waiting.length > 0) {
      const together = new Set([...keys, ...waiting[0]!.keys]);
      if (aboard.length > 0 && together.size > most) break;
      for (const key of together) keys.add(key);
      aboard.push(waiting.shift()!);
    }
    return { aboard, keys: [...keys] };
  };

  const ride = async (): Promise<void> => {
    const { aboard, keys } = board();
    const { method, log, trace } = aboard[0]!.ctx;
    try {
      const found = await read(backgroundContext({ method, timeoutMs, log, trace }), keys);
      for (const asker of aboard) asker.found.resolve(found);
    } catch (error) {
      for (const asker of aboard) asker.found.reject(error);
    }
  };

  const run = async (): Promise<void> => {
    underWay++;
    // Whoever asks in the same turn comes along.
    await Promise.resolve();
    while (waiting.length > 0) await ride();
    underWay--;
  };

  return (ctx, keys) => {
    const asker = { ctx, keys, found: Promise.withResolvers<ReadonlyMap<K, V>>() };
    // Whoever asked may be gone when it fails.
    asker.found.promise.catch(() => undefined);
    waiting.push(asker);
    if (underWay < atOnce) void run();
    return whileAlive(ctx, asker.found.promise);
  };
};
