import { newId } from '@plaza/core';
import { beforeAll, expect, test } from 'vitest';

import { createDeadLetterStore, createOutboxStore, defineTable, insert, type OutboxRow } from '../src/index.ts';
import { ctx, fresh, overBothEngines } from './engines.ts';

const HOUR = 3_600_000;

overBothEngines('event stores', (make) => {
  const db = make();
  /** A table of its own, since shards are shared by all tests of a table. */
  const table = defineTable({ name: `events-${fresh()}` });
  const outbox = createOutboxStore(db, table);
  const letters = createDeadLetterStore(db, table);
  beforeAll(() => db.createTable(ctx(), table));

  const row = (shard: number, occurredAt: number): OutboxRow => ({
    pk: `OX#${shard}`,
    sk: newId(),
    subject: 'plaza.test.v1.Happened',
    payload: new Uint8Array([1, 2, 3]),
    aggregateId: 'a1',
    version: 3,
    occurredAt,
    trace: '',
  });
  const archivedSince = async (fromMs: number) => {
    const seen: OutboxRow[] = [];
    for await (const page of outbox.archivedSince(ctx(), fromMs)) seen.push(...page);
    return seen;
  };

  test('a row is pending until it is archived, and can be read back for 7 days as it was', async () => {
    const now = Date.now();
    const rows = [row(0, now - 30 * HOUR), row(0, now - 5), row(3, now), row(1, now - 2 * HOUR)];
    for (const each of rows) await db.write(ctx(), insert(table, each));
    expect(await outbox.pending(ctx(), 0, 10)).toEqual([rows[0], rows[1]]);
    expect(await outbox.pending(ctx(), 0, 1)).toEqual([rows[0]]);

    await outbox.archive(ctx(), rows);
    await outbox.archive(ctx(), rows.slice(0, 2));
    expect(await outbox.pending(ctx(), 0, 10)).toEqual([]);

    const byAge = (list: OutboxRow[]) => list.toSorted((a, b) => a.occurredAt - b.occurredAt);
    expect(byAge(await archivedSince(0))).toEqual(byAge(rows));
    expect((await archivedSince(0))[0]).toEqual(rows[0]);
    expect(byAge(await archivedSince(now - 2 * HOUR))).toEqual(byAge(rows.slice(1)));
    expect(await archivedSince(now)).toEqual([rows[2]]);
    await outbox.archive(ctx(), []);
  });

  test('dead letters are listed newest event first, read, and removed', async () => {
    const ids = ['durable-b', 'durable-a', 'durable-c'].map((durable) => `${durable}/${newId()}`);
    const letter = (id: string) => ({
      id,
      kind: 'event' as const,
      durable: 'durable',
      subject: 'plaza.test.v1.Happened',
      eventId: 'e',
      reason: 'INTERNAL',
      tries: 5,
      createdAt: Date.now(),
      payload: new Uint8Array([7]),
      aggregateId: 'a',
      version: 1,
      occurredAt: Date.now(),
      trace: '',
    });
    const all = ids.map(letter);
    for (const each of all) await letters.put(ctx(), each);
    await letters.put(ctx(), all[0]!);
    expect(await letters.list(ctx(), 10)).toEqual(all.toReversed());
    expect(await letters.list(ctx(), 1, ids[2])).toEqual([all[1]]);
    expect(await letters.get(ctx(), ids[1]!)).toEqual(all[1]);
    await letters.remove(ctx(), ids[1]!);
    await letters.remove(ctx(), ids[1]!);
    expect(await letters.get(ctx(), ids[1]!)).toBeUndefined();
  });
});
