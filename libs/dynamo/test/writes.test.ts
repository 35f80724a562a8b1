import { beforeAll, expect, test } from 'vitest';

import {
  all,
  any,
  check,
  eq,
  exists,
  gt,
  gte,
  has,
  insert,
  lacks,
  lt,
  lte,
  ne,
  put,
  remove,
  update,
  type Condition,
  type Value,
} from '../src/index.ts';
import { ctx, fresh, overBothEngines, things } from './engines.ts';

overBothEngines('writes', (make) => {
  const db = make();
  beforeAll(() => db.createTable(ctx(), things));

  test('every kind of value comes back as it went in', async () => {
    const row = {
      pk: fresh(),
      sk: 'a',
      text: 'grüße 🎈',
      empty: '',
      whole: 42,
      fraction: 0.1,
      negative: -7,
      huge: 2n ** 62n,
      yes: true,
      nothing: null,
      bytes: new Uint8Array([0, 1, 255]),
      nested: { list: [1, 'two', { three: 3n ** 40n }], deep: { deeper: { deepest: [] } } },
    };
    await db.write(ctx(), put(things, row));
    expect(await db.get(ctx(), things, row)).toEqual(row);
  });

  test('small bigints come back as numbers, and undefined attributes are left out', async () => {
    const row = { pk: fresh(), sk: 'a', small: 5n, gone: undefined, nested: { kept: 1, gone: undefined } };
    await db.write(ctx(), put(things, row));
    expect(await db.get(ctx(), things, row)).toEqual({ pk: row.pk, sk: 'a', small: 5, nested: { kept: 1 } });
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60])('%d is refused rather than stored inexactly', async (number) => {
    await expect(db.write(ctx(), put(things, { pk: fresh(), sk: 'a', number }))).rejects.toThrow(/number|special/i);
  });

  test('an empty key, an update that changes nothing and a row above 400 KB are defects', async () => {
    const key = { pk: fresh(), sk: 'a' };
    await expect(db.write(ctx(), put(things, { pk: key.pk, sk: '' }))).rejects.toThrow(/empty/);
    await expect(db.write(ctx(), update(things, key, {}))).rejects.toThrow(/update/i);
    await expect(db.write(ctx(), put(things, { ...key, text: 'x'.repeat(400 * 1024) }))).rejects.toThrow(/size|larger/);
  });

  test('insert writes once, and the refusal shows the row that is there', async () => {
    const key = { pk: fresh(), sk: 'a' };
    expect(await db.write(ctx(), insert(things, { ...key, by: 'first' }))).toEqual({ ok: true });
    const second = await db.write(ctx(), insert(things, { ...key, by: 'second' }));
    expect(second).toEqual({ ok: false, failed: [{ index: 0, item: { ...key, by: 'first' } }] });
  });

  test('an update sets, adds, removes and sets once, and creates a missing row', async () => {
    const key = { pk: fresh(), sk: 'a' };
    const changes = { set: { name: 'x' }, add: { count: 2 }, setOnce: { first: 'one' } };
    await db.write(ctx(), update(things, key, changes));
    await db.write(ctx(), update(things, key, { ...changes, setOnce: { first: 'two' }, add: { count: -5n } }));
    await db.write(ctx(), update(things, key, { remove: ['name', 'never there'] }));
    expect(await db.get(ctx(), things, key)).toEqual({ ...key, count: -3, first: 'one' });
  });

  test('sums beyond 2^53 stay exact', async () => {
    const key = { pk: fresh(), sk: 'a' };
    await db.write(ctx(), put(things, { ...key, count: 2n ** 53n }));
    await db.write(ctx(), update(things, key, { add: { count: 1 } }));
    expect(await db.get(ctx(), things, key)).toMatchObject({ count: 2n ** 53n + 1n });
  });

  test('remove is repeatable, and a conditional remove is refused', async () => {
    const key = { pk: fresh(), sk: 'a' };
    await db.write(ctx(), put(things, { ...key, state: 'live' }));
    expect(await db.write(ctx(), remove(things, key, eq('state', 'dead')))).toMatchObject({ ok: false });
    expect(await db.write(ctx(), remove(things, key, eq('state', 'live')))).toEqual({ ok: true });
    expect(await db.write(ctx(), remove(things, key))).toEqual({ ok: true });
    expect(await db.write(ctx(), remove(things, key, exists()))).toEqual({ ok: false, failed: [{ index: 0 }] });
  });

  const row = { number: 5, text: 'm', list: [1, 2], map: { a: 1 }, flag: true, none: null };
  const judged: [string, Condition, boolean][] = [
    ['eq', eq('number', 5), true],
    ['eq of a bigint', eq('number', 5n), true],
    ['eq between types', eq('number', '5'), false],
    ['eq of a missing attribute', eq('missing', 5), false],
    ['eq of a list', eq('list', [1, 2]), true],
    ['eq of a map', eq('map', { a: 2 }), false],
    ['eq of a flag', eq('flag', true), true],
    ['eq of null', eq('none', null), true],
    ['ne', ne('number', 5), false],
    ['ne between types', ne('number', '5'), true],
    ['ne of a missing attribute', ne('missing', 5), true],
    ['lt', lt('number', 6), true],
    ['lt, equal', lt('number', 5), false],
    ['lt between types', lt('text', 99), false],
    ['lt of a missing attribute', lt('missing', 9), false],
    ['lte', lte('number', 5), true],
    ['gt of texts', gt('text', 'a'), true],
    ['gte', gte('text', 'n'), false],
    ['has', has('none'), true],
    ['has, missing', has('missing'), false],
    ['lacks', lacks('missing'), true],
    ['all', all(eq('number', 5), any(eq('text', 'x'), has('flag'))), true],
    ['all, one false', all(eq('number', 5), eq('text', 'x')), false],
    ['any, none true', any(eq('number', 6), eq('text', 'x')), false],
  ];
  test('conditions judge alike', async () => {
    const key = { pk: fresh(), sk: 'a' };
    await db.write(ctx(), put(things, { ...key, ...row }));
    for (const [name, condition, holds] of judged) {
      const result = await db.write(ctx(), update(things, key, { set: { touched: name } }, condition));
      expect({ name, holds: result.ok }).toEqual({ name, holds });
    }
  });

  test('conditions on a missing row: lacks and ne hold, has and exists do not', async () => {
    const key = { pk: fresh(), sk: 'a' };
    const judge = async (condition: Condition) => (await db.transact(ctx(), [check(things, key, condition)])).ok;
    expect(await Promise.all([lacks('x'), ne('x', 1), has('x'), exists()].map(judge))).toEqual([true, true, false, false]);
  });

  test('a transaction is all or nothing and tells which conditions failed', async () => {
    const pk = fresh();
    await db.write(ctx(), put(things, { pk, sk: 'stock', left: 1 }));
    const take = (sk: string): Promise<unknown> =>
      db.transact(ctx(), [
        insert(things, { pk, sk }),
        update(things, { pk, sk: 'stock' }, { add: { left: -1 } }, gte('left', 1)),
        check(things, { pk, sk: 'closed' }, lacks('pk')),
      ]);
    expect(await take('first')).toEqual({ ok: true });
    expect(await take('second')).toEqual({ ok: false, failed: [{ index: 1, item: { pk, sk: 'stock', left: 0 } }] });
    await db.write(ctx(), put(things, { pk, sk: 'closed' }));
    expect(await take('first')).toMatchObject({ ok: false, failed: [{ index: 0 }, { index: 1 }, { index: 2 }] });
    const { items } = await db.query(ctx(), things, { pk });
    expect(items.map((item) => item.sk)).toEqual(['closed', 'first', 'stock']);
  });

  test('old rows of a refused transaction hold every kind of value', async () => {
    const row = { pk: fresh(), sk: 'a', bytes: new Uint8Array([9]), huge: 2n ** 61n, deep: { list: [1, null, true, 'x'] } };
    await db.write(ctx(), put(things, row));
    expect(await db.transact(ctx(), [insert(things, row)])).toEqual({ ok: false, failed: [{ index: 0, item: row }] });
  });

  test('a hundred operations fit; more, none, or one row twice are defects', async () => {
    const pk = fresh();
    const ops = Array.from({ length: 101 }, (_, n) => insert(things, { pk, sk: `s${n}` }));
    expect(await db.transact(ctx(), ops.slice(0, 100))).toEqual({ ok: true });
    expect(await db.count(ctx(), things, { pk })).toBe(100);
    await expect(async () => db.transact(ctx(), ops)).rejects.toThrow('101');
    await expect(async () => db.transact(ctx(), [])).rejects.toThrow('0 operations');
    await expect(async () => db.transact(ctx(), [ops[0]!, ops[0]!])).rejects.toThrow('twice');
  });

  test('racing inserts of one row have one winner', async () => {
    const key = { pk: fresh(), sk: 'a' };
    const race = Array.from({ length: 20 }, (_, n) => db.transact(ctx(), [insert(things, { ...key, n: n as Value })]));
    expect((await Promise.all(race)).filter((result) => result.ok)).toHaveLength(1);
  });
});
