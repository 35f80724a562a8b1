import type { DeadLetter, DeadLetterStore, OutboxRow, OutboxStore } from '../src/index.ts';

/** An outbox in an array, with a fault to switch on. */
export const createArrayOutbox = () => {
  let rows: OutboxRow[] = [];
  const archived = new Map<string, OutboxRow>();
  const faults = { archive: 0 };
  const store: OutboxStore = {
    pending: (_ctx, shard, limit) => Promise.resolve(rows.filter(({ pk }) => pk === `OX#${shard}`).slice(0, limit)),
    archive: (_ctx, moved) => {
      if (faults.archive-- > 0) return Promise.reject(new Error('injected'));
      for (const row of moved) archived.set(row.sk, row);
      rows = rows.filter((row) => !moved.some(({ sk }) => sk === row.sk));
      return Promise.resolve();
    },
    archivedSince: async function* (_ctx, fromMs) {
      const since = [...archived.values()].filter(({ occurredAt }) => occurredAt >= fromMs);
      for (let i = 0; i < since.length; i += 20) yield await Promise.resolve(since.slice(i, i + 20));
    },
  };
  return {
    ...store,
    faults,
    /** As a service's transaction does. */
    commit: (...added: OutboxRow[]) => void rows.push(...added),
    waiting: () => rows.length,
    archived: () => archived.size,
  };
};

/** Dead letters in a map, with a fault to switch on. */
export const createArrayLetters = () => {
  const letters = new Map<string, DeadLetter>();
  const faults = { put: 0 };
  const store: DeadLetterStore = {
    put: (_ctx, letter) => {
      if (faults.put-- > 0) return Promise.reject(new Error('injected'));
      letters.set(letter.id, letter);
      return Promise.resolve();
    },
    list: (_ctx, limit, after) => {
      const newest = [...letters.values()].toSorted((a, b) => (a.eventId < b.eventId ? 1 : -1));
      const start = after === undefined ? 0 : newest.findIndex(({ id }) => id === after) + 1;
      return Promise.resolve(newest.slice(start, start + limit));
    },
    get: (_ctx, id) => Promise.resolve(letters.get(id)),
    remove: (_ctx, id) => {
      letters.delete(id);
      return Promise.resolve();
    },
  };
  return { ...store, faults, all: () => [...letters.values()] };
};
