import { testContext } from '@plaza/testing';
import { beforeAll, expect, test } from 'vitest';

import { insert, put, scriptedFaults, seededFaults, update, type Fault, type FaultCall } from '../src/index.ts';
import { ctx, fresh, overBothEngines, things } from './engines.ts';

overBothEngines('faults', (make) => {
  beforeAll(() => make().createTable(ctx(), things));

  const always = (fault: Fault) => make(() => fault);
  const refusal = (promise: Promise<unknown>) =>
    promise.then(
      () => 'no error',
      (error: { code?: string; reason?: string }) => `${error.code} ${error.reason}`,
    );
  const add = (key: { pk: string; sk: string }) => update(things, key, { add: { n: 1 } });

  test('a transaction survives conflicts, throttles and lost replies, and is applied once', async () => {
    const key = { pk: fresh(), sk: 'a' };
    const db = make(scriptedFaults(['conflict', 'throttle', 'lost-reply', 'lost-reply']));
    expect(await db.transact(ctx(), [add(key)])).toEqual({ ok: true });
    expect(await make().get(ctx(), things, key)).toMatchObject({ n: 1 });
  });

  test('a transaction whose condition fails only because its first reply was lost still succeeds', async () => {
    const db = make(scriptedFaults(['lost-reply']));
    expect(await db.transact(ctx(), [insert(things, { pk: fresh(), sk: 'a' })])).toEqual({ ok: true });
  });

  test('a plain write whose reply is lost is reported, not repeated', async () => {
    const key = { pk: fresh(), sk: 'a' };
    const db = make(scriptedFaults(['lost-reply']));
    expect(await refusal(db.write(ctx(), add(key)))).toBe('UNAVAILABLE STORE_UNAVAILABLE');
    expect(await make().get(ctx(), things, key)).toMatchObject({ n: 1 });
  });

  test('a plain write that conflicts or is throttled is repeated', async () => {
    const key = { pk: fresh(), sk: 'a' };
    const db = make(scriptedFaults(['throttle', 'conflict', 'throttle']));
    expect(await db.write(ctx(), add(key))).toEqual({ ok: true });
    expect(await make().get(ctx(), things, key)).toMatchObject({ n: 1 });
  });

  test('endless trouble ends at the deadline with its name', async () => {
    const op = put(things, { pk: fresh(), sk: 'a' });
    const soon = () => testContext({ timeoutMs: 500 });
    expect(await refusal(always('conflict').transact(soon(), [op]))).toBe('ABORTED WRITE_CONFLICT');
    expect(await refusal(always('throttle').transact(soon(), [op]))).toBe('UNAVAILABLE STORE_UNAVAILABLE');
    expect(await refusal(always('unreachable').transact(ctx(), [op]))).toBe('UNAVAILABLE STORE_UNAVAILABLE');
    expect(await refusal(always('throttle').get(soon(), things, { pk: 'x', sk: 'y' }))).toBe('UNAVAILABLE STORE_UNAVAILABLE');
    const rows = { put: [{ pk: fresh(), sk: 'a' }] };
    expect(await refusal(always('partial').batchWrite(soon(), things, rows))).toBe('UNAVAILABLE STORE_UNAVAILABLE');
    const late = testContext({ timeoutMs: 0 });
    expect(await refusal(make().get(late, things, { pk: 'x', sk: 'y' }))).toBe('DEADLINE_EXCEEDED DEADLINE_EXCEEDED');
    const left = { ...ctx(), signal: AbortSignal.abort() };
    expect(await refusal(make().get(left, things, { pk: 'x', sk: 'y' }))).toBe('CANCELLED CALL_CANCELLED');
  });

  test('batches lose nothing to partial answers, throttles and lost replies', async () => {
    const pk = fresh();
    const rows = Array.from({ length: 240 }, (_, n) => ({ pk, sk: `s${n}`, n }));
    const rates = { partial: 0.4, throttle: 0.1, 'lost-reply': 0.1 };
    await make(seededFaults(7, rates)).batchWrite(ctx(), things, { put: rows });
    expect(await make().count(ctx(), things, { pk })).toBe(240);
    const got = await make(seededFaults(8, { ...rates, 'lost-reply': 0 })).batchGet(ctx(), things, rows);
    expect(got.map((item) => item?.['n'])).toEqual(rows.map((row) => row.n));
  });

  test('reads are repeated', async () => {
    const row = { pk: fresh(), sk: 'a' };
    await make().write(ctx(), put(things, row));
    const db = make(scriptedFaults(['unreachable', 'lost-reply', undefined, 'throttle']));
    expect(await db.get(ctx(), things, row)).toEqual(row);
    expect((await db.query(ctx(), things, { pk: row.pk })).items).toEqual([row]);
  });

  test('the injector sees each command, and what it throws reaches the caller', async () => {
    const calls: FaultCall[] = [];
    const db = make((call) => {
      calls.push(call);
      if (call.attempt === 1) throw new Error('crash');
      return 'throttle';
    });
    await expect(db.get(ctx(), things, { pk: 'x', sk: 'y' })).rejects.toThrow('crash');
    const seen = { verb: 'get', table: 'things', method: 'plaza.test/Test' };
    expect(calls).toEqual([
      { ...seen, attempt: 0 },
      { ...seen, attempt: 1 },
    ]);
  });
});

test('a seed gives the same faults again', () => {
  const draw = (seed: number) => {
    const faults = seededFaults(seed, { conflict: 0.2, throttle: 0.2 });
    return Array.from({ length: 50 }, () => faults({ verb: 'write', table: 't', method: 'm', attempt: 0 }));
  };
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
  expect(draw(1).filter((fault) => fault !== undefined).length).toBeGreaterThan(5);
});
