import { beforeAll, expect, test } from 'vitest';

import { put, type Item, type SortRange } from '../src/index.ts';
import { ctx, fresh, overBothEngines, things } from './engines.ts';

overBothEngines('reads', (make) => {
  const db = make();
  const pk = fresh();
  const names = ['a', 'b1', 'b2', 'c', 'd', 'ÿ', '\ufb00', '🎈'];

  beforeAll(async () => {
    await db.createTable(ctx(), things);
    await db.batchWrite(ctx(), things, { put: names.map((sk) => ({ pk, sk })) });
  });

  const keys = async (sk?: SortRange, descending = false) =>
    (await db.query(ctx(), things, { pk, sk, descending })).items.map((item) => item.sk);

  test('rows of a partition come in the order of their UTF-8 bytes, both ways', async () => {
    expect(await keys()).toEqual(names);
    expect(await keys(undefined, true)).toEqual(names.toReversed());
  });

  const ranges: [SortRange, string[]][] = [
    [{ eq: 'c' }, ['c']],
    [{ eq: 'missing' }, []],
    [{ beginsWith: 'b' }, ['b1', 'b2']],
    [{ between: ['b1', 'c'] }, ['b1', 'b2', 'c']],
    [{ lt: 'b2' }, ['a', 'b1']],
    [{ lte: 'b2' }, ['a', 'b1', 'b2']],
    [{ gt: 'ÿ' }, ['\ufb00', '🎈']],
    [{ gte: 'ÿ' }, ['ÿ', '\ufb00', '🎈']],
  ];
  test.each(ranges)('range %o', async (range, expected) => {
    expect(await keys(range)).toEqual(expected);
    expect(await keys(range, true)).toEqual(expected.toReversed());
    expect(await db.count(ctx(), things, { pk, sk: range })).toBe(expected.length);
  });

  test.each([false, true])('pages join up without gap or overlap (descending: %s)', async (descending) => {
    const seen: string[] = [];
    let after: Item | undefined;
    do {
      const page = await db.query(ctx(), things, { pk, descending, limit: 3, after });
      expect(page.items.length).toBeLessThanOrEqual(3);
      seen.push(...page.items.map((item) => item.sk));
      after = page.after;
    } while (after);
    expect(seen).toEqual(descending ? names.toReversed() : names);
  });

  test('a page goes on after any whole row, also one that is gone', async () => {
    const { items } = await db.query(ctx(), things, { pk, after: { pk, sk: 'bzzz', other: 1 }, limit: 2 });
    expect(items.map((item) => item.sk)).toEqual(['c', 'd']);
  });

  test('a partition beyond 1 MB is read whole without a limit', async () => {
    const large = fresh();
    const put = Array.from({ length: 8 }, (_, n) => ({ pk: large, sk: `s${n}`, text: 'x'.repeat(300_000) }));
    await db.batchWrite(ctx(), things, { put });
    expect((await db.query(ctx(), things, { pk: large })).items).toHaveLength(8);
    expect(await db.count(ctx(), things, { pk: large })).toBe(8);
  });

  test('an index holds only the rows that have its keys, in its order, and pages', async () => {
    const owner = fresh();
    const rows = ['3', '1', '2', '2'].map((rank, n) => ({ pk: fresh(), sk: `s${n}`, owner, rank, label: `l${n}` }));
    await db.batchWrite(ctx(), things, { put: [...rows, { pk: fresh(), sk: 'x', owner }] });
    const first = await db.query(ctx(), things, { index: 'byOwner', pk: owner, limit: 3 });
    const rest = await db.query(ctx(), things, { index: 'byOwner', pk: owner, limit: 3, after: first.after });
    const all = [...first.items, ...rest.items];
    expect(all.map((item) => item['rank'])).toEqual(['1', '2', '2', '3']);
    expect(new Set(all.map((item) => item.pk)).size).toBe(4);
    const above = await db.query(ctx(), things, { index: 'byOwner', pk: owner, sk: { gt: '2' } });
    expect(above.items).toEqual([rows[0]]);
  });

  test('a keys-only index gives keys only', async () => {
    const owner = fresh();
    const row = { pk: fresh(), sk: 'a', owner, label: 'l', secret: 1 };
    await db.write(ctx(), put(things, row));
    const { items } = await db.query(ctx(), things, { index: 'keysOnly', pk: owner });
    expect(items).toEqual([{ pk: row.pk, sk: 'a', owner, label: 'l' }]);
  });

  test('an unknown index, two range conditions and a limit below one are defects', async () => {
    await expect(db.query(ctx(), things, { index: 'none', pk })).rejects.toThrow('none');
    await expect(db.query(ctx(), things, { pk, sk: { lt: 'a', gt: 'b' } })).rejects.toThrow('one condition');
    await expect(db.query(ctx(), things, { pk, limit: 0 })).rejects.toThrow('limit');
  });

  test('batchGet answers in the order of any number of keys, repeated and missing ones too', async () => {
    const many = fresh();
    const put = Array.from({ length: 230 }, (_, n) => ({ pk: many, sk: `s${n}`, n }));
    await db.batchWrite(ctx(), things, { put });
    const wanted = [...put, { pk: many, sk: 'missing' }, put[3]!];
    const got = await db.batchGet(ctx(), things, wanted);
    expect(got.map((item) => item?.['n'])).toEqual([...put.map((row) => row.n), undefined, 3]);
    expect(await db.batchGet(ctx(), things, [])).toEqual([]);
  });

  test('batchWrite puts and removes any number; a row named twice is written as named last', async () => {
    const many = fresh();
    const put = Array.from({ length: 130 }, (_, n) => ({ pk: many, sk: `s${n}`, round: 1 }));
    await db.batchWrite(ctx(), things, { put });
    await db.batchWrite(ctx(), things, { put: [put[0]!, { ...put[0]!, round: 2 }], remove: put.slice(1, 101) });
    expect(await db.count(ctx(), things, { pk: many })).toBe(30);
    expect(await db.get(ctx(), things, put[0]!)).toMatchObject({ round: 2 });
    await db.batchWrite(ctx(), things, {});
  });

  test('what is read may be changed without changing what is stored', async () => {
    const key = { pk: fresh(), sk: 'a' };
    await db.write(ctx(), put(things, { ...key, bytes: new Uint8Array([1]) }));
    const first = await db.get(ctx(), things, key);
    (first!['bytes'] as Uint8Array)[0] = 9;
    expect((await db.get(ctx(), things, key))?.['bytes']).toEqual(new Uint8Array([1]));
  });
});
