import { testContext, uniqueNamespace } from '@plaza/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { createGenerationLease, createTimeline, type TimelinePage } from '../src/index.ts';
import { NOBODY } from '../src/connect.ts';
import { useRedis } from './setup.ts';

const bench = useRedis();
const CAP = 3;

type Step =
  | { readonly do: 'write'; readonly n: number }
  | { readonly do: 'insert' | 'begin' | 'read' | 'fill' | 'sweep' | 'wipe' | 'drop' | 'lapse' | 'giveUp' }
  | { readonly do: 'page'; readonly before: number; readonly limit: number };

const steps = (...names: Exclude<Step['do'], 'write' | 'page'>[]) => names.map((each): Step => ({ do: each }));

/** Mostly whole episodes, so that heads live long enough to be trimmed; between them, single steps that cut into them. */
const episode: fc.Arbitrary<Step[]> = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 40 }).map((n): Step[] => [{ do: 'write', n }, ...steps('insert')]) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 40 }).map((n): Step[] => [{ do: 'write', n }]) },
  { weight: 2, arbitrary: fc.constant(steps('begin', 'read', 'fill')) },
  {
    weight: 8,
    arbitrary: fc.constantFrom(...(['insert', 'begin', 'read', 'fill', 'sweep'] as const)).map((each) => steps(each)),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(...(['wipe', 'drop', 'lapse', 'giveUp'] as const)).map((each) => steps(each)),
  },
  {
    weight: 8,
    arbitrary: fc
      .record({ before: fc.integer({ min: 0, max: 41 }), limit: fc.integer({ min: 1, max: 8 }) })
      .map((range): Step[] => [{ do: 'page', ...range }]),
  },
);
const history = fc.array(episode, { minLength: 20, maxLength: 60, size: 'max' }).map((episodes) => episodes.flat());

/**
 * The protocol of DESIGN: rows are written to the table, then inserted into the head; readers begin, read the table, fill.
 * Every step may come between the steps of others. Rows that wait for their insert may be missing, and nothing else.
 */
test('whatever happens, a page misses no row above the floor', async () => {
  await fc.assert(
    fc.asyncProperty(history, async (steps) => {
      for (const { page, due } of await run(steps)) expect(page).toEqual(due);
    }),
    { numRuns: 200 },
  );
}, 120_000);

/** Every page that was served, beside what was due. */
const run = async (history: readonly Step[]): Promise<Verdict[]> => {
  const verdicts: Verdict[] = [];
  const place = { redis: bench().redis, namespace: uniqueNamespace(), name: 'home' };
  const timeline = createTimeline({ ...place, cap: CAP, ttlMs: 60_000 });
  const lease = createGenerationLease(place);
  const ctx = testContext();
  const table = new Set<string>();
  const waiting: string[] = [];
  const readers: { token: string; rows?: string[]; floor?: string }[] = [];
  let generation = 1;
  await lease.renew(ctx, generation);

  for (const each of history) {
    switch (each.do) {
      case 'write': {
        const id = name(each.n);
        if (table.has(id)) break;
        table.add(id);
        waiting.push(id);
        break;
      }
      case 'insert': {
        const id = waiting.shift();
        if (id) await timeline.insert(ctx, [{ owner: 'v', id }]);
        break;
      }
      case 'begin': {
        const token = await timeline.begin(ctx, 'v');
        if (token) readers.push({ token });
        break;
      }
      case 'read': {
        const reader = readers.find(({ rows }) => !rows);
        if (!reader) break;
        const all = newestFirst(table);
        reader.rows = all.slice(0, CAP + 2);
        reader.floor = all.length > CAP + 2 ? reader.rows.at(-1)! : '';
        break;
      }
      case 'fill': {
        const at = readers.findIndex(({ rows }) => rows);
        const [reader] = at < 0 ? [] : readers.splice(at, 1);
        if (reader) await timeline.fill(ctx, 'v', reader.token, reader.rows!, reader.floor!);
        break;
      }
      case 'sweep': {
        const id = newestFirst(table)[1];
        if (!id) break;
        table.delete(id);
        const at = waiting.indexOf(id);
        if (at >= 0) waiting.splice(at, 1);
        await timeline.remove(ctx, 'v', [id]);
        break;
      }
      case 'wipe': {
        const [keys] = (await bench().tester.send(NOBODY, [{ name: 'keys', args: [`${place.namespace}:*`] }])) as [string[]];
        if (keys.length > 0) await place.redis.send(NOBODY, [{ name: 'del', args: keys }]);
        await lease.renew(ctx, generation);
        break;
      }
      case 'drop':
        await timeline.drop(ctx, 'v');
        break;
      case 'lapse':
        await place.redis.send(NOBODY, [{ name: 'del', args: [`${place.namespace}:feed:timeline:{home}:lease`] }]);
        if (await timeline.page(ctx, 'v', { limit: 5 })) throw new Error('served without a lease');
        await lease.renew(ctx, generation);
        break;
      case 'giveUp':
        // The fan-out could not insert: it goes on without, under a new generation.
        waiting.length = 0;
        await lease.renew(ctx, ++generation);
        break;
      case 'page': {
        const before = each.before === 0 ? undefined : name(each.before);
        const page = await timeline.page(ctx, 'v', { before, limit: each.limit });
        if (page) verdicts.push({ page: page.ids, due: due(page, table, waiting, before) });
      }
    }
  }
  return verdicts;
};

interface Verdict {
  readonly page: readonly string[];
  readonly due: readonly string[];
}

/** Every row in the range of the page, but for those whose insert is still to come; no row that left the table. */
const due = (
  page: TimelinePage,
  table: ReadonlySet<string>,
  waiting: readonly string[],
  before: string | undefined,
): string[] => {
  const older = newestFirst(table).filter((id) => before === undefined || id < before);
  const whole = page.reachedFloor ? older : older.filter((id) => id >= (page.ids.at(-1) ?? '~'));
  return whole.filter((id) => !waiting.includes(id) || page.ids.includes(id));
};

const newestFirst = (ids: Iterable<string>) => [...ids].sort().reverse();
const name = (n: number) => String(n).padStart(3, '0');
