import { command, evaluate, evaluateBytes, loadScript, type Script } from './command.ts';
import type { Redis, Traced } from './connect.ts';
import { createDebts } from './debts.ts';
import { leaseHeader, NEGATIVE_ENTRY, parseEntry, tombstoneEntry, valueEntry, type Entry } from './entry.ts';
import { jittered } from './jitter.ts';
import { prefix } from './prefix.ts';

const scripts = {
  lease: loadScript('lease'),
  fill: loadScript('fill'),
  replace: loadScript('replace'),
  bury: loadScript('bury'),
};

/** Longer than any load takes; a reader who died holds nobody up, since others load beside it. */
const LEASE_MS = 10_000;
/** Longer than any load that began before the delete. */
const TOMBSTONE_MS = 60_000;

/** What a reader found: an answer, or the right to fill while `header` stands, or (away) neither. */
export type Seen =
  | { readonly kind: 'value'; readonly header: string; readonly payload: Uint8Array }
  | { readonly kind: 'negative' }
  | { readonly kind: 'open'; readonly header: string; readonly version: number }
  | { readonly kind: 'away' };

export interface Fill {
  readonly id: string;
  readonly seen: { readonly header: string; readonly version: number };
  /** Undefined: the table holds nothing. */
  readonly found: { readonly version: number; readonly payload: Uint8Array } | undefined;
}

/** The entries of one cache in Redis, as bytes. Never throws: Redis away is an answer. */
export interface Shelf {
  look(ctx: Traced, ids: readonly string[]): Promise<Map<string, Seen>>;
  /** How many fills came too late. */
  fill(ctx: Traced, fills: readonly Fill[]): Promise<number>;
  /** False: owed. */
  put(ctx: Traced, id: string, version: number, payload: Uint8Array): Promise<boolean>;
  bury(ctx: Traced, id: string, version: number): Promise<boolean>;
}

export const createShelf = (options: {
  redis: Redis;
  namespace: string;
  name: string;
  ttlMs: number;
  negativeTtlMs: number;
}): Shelf => {
  const { redis, ttlMs, negativeTtlMs } = options;
  const debts = createDebts(redis, ttlMs);
  const keyOf = (id: string) => `${prefix(redis, options.namespace)}cache:${options.name}:{${id}}`;

  const write = async (ctx: Traced, script: Script, id: string, entry: string | Uint8Array, version: number, lifeMs: number) => {
    const call = evaluate(script, [keyOf(id)], entry, version, jittered(lifeMs));
    try {
      await redis.send(ctx, [call]);
      return true;
    } catch {
      debts.owe(keyOf(id), version);
      return false;
    }
  };

  return {
    look: async (ctx, ids) => {
      const seen = new Map<string, Seen>(ids.map((id) => [id, { kind: 'away' }]));
      const readable = ids.filter((id) => !debts.owed(keyOf(id)));
      if (readable.length === 0 || !redis.up()) return seen;
      try {
        const [found] = (await redis.send(ctx, [command('mgetBuffer', ...readable.map(keyOf))])) as [(Uint8Array | null)[]];
        const absent = readable.filter((_, i) => found[i] === null);
        const leased =
          absent.length === 0
            ? []
            : await redis.send(
                ctx,
                absent.map((id) => evaluateBytes(scripts.lease, [keyOf(id)], leaseHeader(), LEASE_MS)),
              );
        readable.forEach((id, i) => found[i] && seen.set(id, seenOf(parseEntry(found[i]))));
        absent.forEach((id, i) => seen.set(id, seenOf(parseEntry(leased[i] as Uint8Array))));
      } catch {
        // The table answers.
      }
      return seen;
    },

    fill: async (ctx, fills) => {
      const commands = fills.flatMap(({ id, seen, found }) => {
        // Not newer than the tombstone: the load missed the delete.
        if (found && found.version <= seen.version) return [];
        if (!found && negativeTtlMs <= 0) return [];
        const entry = found ? valueEntry(found.version, found.payload) : NEGATIVE_ENTRY;
        return [evaluate(scripts.fill, [keyOf(id)], seen.header, entry, jittered(found ? ttlMs : negativeTtlMs))];
      });
      if (commands.length === 0) return 0;
      const stored = await redis.send(ctx, commands).catch(() => []);
      return stored.filter((reply) => reply === 0).length;
    },

    put: (ctx, id, version, payload) => write(ctx, scripts.replace, id, valueEntry(version, payload), version, ttlMs),
    bury: (ctx, id, version) => write(ctx, scripts.bury, id, tombstoneEntry(version), version, TOMBSTONE_MS),
  };
};

const seenOf = (entry: Entry): Seen => {
  switch (entry.kind) {
    case 'tombstone':
      return { kind: 'open', header: entry.header, version: entry.version };
    case 'lease':
      return { kind: 'open', header: entry.header, version: -1 };
    case 'value':
    case 'negative':
      return entry;
  }
};
