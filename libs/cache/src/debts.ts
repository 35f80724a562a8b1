import { evaluate, loadScript, type Command } from './command.ts';
import { NOBODY, type Redis } from './connect.ts';

const forget = loadScript('forget');

const ROUND = 500;
const SETTLE_AFTER_MS = 100;
/** About 10 MB. Beyond it the oldest are given up, and their entries are stale until they expire. */
const MOST = 100_000;

export interface Debts {
  /** A write of this version did not reach Redis. */
  owe(key: string, version: number): void;
  /** While true, the entry must not be read. */
  owed(key: string): boolean;
}

const forgetEntry = (key: string, version: number): Command => evaluate(forget, [key], version);

/**
 * Entries that a write could not replace because Redis was away. They are removed, by `pay`, as soon as it answers, and before
 * this process reads again. Another process may read such an entry for the moment between; a crash in that time leaves it stale
 * until it expires (`ttlMs`).
 */
export const createDebts = (redis: Redis, ttlMs: number, pay = forgetEntry): Debts => {
  const debts = new Map<string, { version: number; until: number }>();
  let timer: NodeJS.Timeout | undefined;

  const settle = async (send: Redis['send']) => {
    for (const [key, { until }] of debts) if (until < Date.now()) debts.delete(key);
    for (const round of chunks([...debts], ROUND)) {
      await send(
        NOBODY,
        round.map(([key, { version }]) => pay(key, version)),
      );
      for (const [key, debt] of round) if (debts.get(key) === debt) debts.delete(key);
    }
  };
  const later = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      settle((...what) => redis.send(...what)).catch(() => (debts.size > 0 ? later() : undefined));
    }, SETTLE_AFTER_MS).unref();
  };
  redis.beforeReturn(settle);

  return {
    owe: (key, version) => {
      const version0 = Math.max(version, debts.get(key)?.version ?? 0);
      debts.delete(key);
      debts.set(key, { version: version0, until: Date.now() + ttlMs * 1.2 });
      if (debts.size > MOST) debts.delete(debts.keys().next().value!);
      later();
    },
    owed: (key) => debts.size > 0 && debts.has(key),
  };
};

const chunks = <T>(list: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size));
