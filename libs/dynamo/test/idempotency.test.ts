import { AppError, mutationOf, type Mutation } from '@plaza/core';
import { testContext } from '@plaza/testing';
import { beforeAll, expect, test } from 'vitest';

import { lostRace, once, requestRow, scriptedFaults, ttl, update, type Db } from '../src/index.ts';
import { ctx, fresh, overBothEngines, things } from './engines.ts';

overBothEngines('idempotency', (make) => {
  beforeAll(() => make().createTable(ctx(), things));

  /** A store function as services write them: effect and request row in one transaction. */
  const deposit = (db: Db, pk: string, mutation: Mutation, amount: number) =>
    once(ctx(), db, things, mutation, async () => {
      const reply = { deposited: amount };
      const effect = update(things, { pk, sk: 'balance' }, { add: { minor: amount } });
      const result = await db.transact(ctx(), [effect, requestRow(things, mutation, reply)]);
      if (!result.ok) throw lostRace();
      return reply;
    });
  const request = (body: object, caller = fresh()) =>
    mutationOf(testContext({ caller: { kind: 'user', userId: caller } }), 'r1', body);
  const balance = async (pk: string) => (await make().get(ctx(), things, { pk, sk: 'balance' }))?.['minor'];

  test('the same request again answers the first reply and has one effect', async () => {
    const pk = fresh();
    const mutation = request({ amount: 5 });
    const db = make();
    expect(await deposit(db, pk, mutation, 5)).toEqual({ deposited: 5 });
    expect(await deposit(db, pk, mutation, 6)).toEqual({ deposited: 5 });
    expect(await balance(pk)).toBe(5);
  });

  test('racing repetitions have one effect and one answer', async () => {
    const pk = fresh();
    const mutation = request({ amount: 5 });
    const db = make();
    const answers = await Promise.all(Array.from({ length: 10 }, () => deposit(db, pk, mutation, 5)));
    expect(new Set(answers.map((answer) => answer.deposited))).toEqual(new Set([5]));
    expect(await balance(pk)).toBe(5);
  });

  test('the id with another body is refused; another caller may use it', async () => {
    const pk = fresh();
    const caller = fresh();
    const db = make();
    await deposit(db, pk, request({ amount: 5 }, caller), 5);
    await expect(deposit(db, pk, request({ amount: 6 }, caller), 6)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      reason: 'REQUEST_ID_REUSED',
    });
    await deposit(db, pk, request({ amount: 7 }), 7);
    expect(await balance(pk)).toBe(12);
  });

  test('an unknown outcome is resolved by the request row', async () => {
    const pk = fresh();
    const mutation = request({ amount: 5 });
    const db = make(scriptedFaults(['lost-reply', 'unreachable', 'unreachable']));
    expect(await deposit(db, pk, mutation, 5)).toEqual({ deposited: 5 });
    expect(await balance(pk)).toBe(5);
  });

  test('a refusal stands when the request was never applied, and a defect is not looked up', async () => {
    const db = make();
    const refuse = (error: Error) => once(ctx(), db, things, request({}), () => Promise.reject(error));
    await expect(refuse(new AppError('FAILED_PRECONDITION', 'NO', 'no'))).rejects.toMatchObject({ reason: 'NO' });
    await expect(refuse(new TypeError('defect'))).rejects.toThrow(TypeError);
  });

  test('a refusal is not told while the request row cannot be read: it may be the echo of the first success', async () => {
    const unreadable = () => make(scriptedFaults(['unreachable', 'unreachable', 'unreachable']));
    const end = (error: AppError) => once(ctx(), unreadable(), things, request({}), () => Promise.reject(error));
    await expect(end(new AppError('ALREADY_EXISTS', 'TAKEN', 'taken'))).rejects.toMatchObject({ reason: 'STORE_UNAVAILABLE' });
    await expect(end(lostRace())).rejects.toMatchObject({ reason: 'WRITE_CONFLICT' });
  });

  test('a row past its 48 hours counts as none, even before TTL removes it', async () => {
    const pk = fresh();
    const mutation = request({ amount: 5 });
    const db = make();
    await deposit(db, pk, mutation, 5);
    const key = { pk: `RQ#${mutation.scope}#${mutation.id}`, sk: 'RQ' };
    await db.write(ctx(), update(things, key, { set: { expiresAt: ttl(Date.now(), -60) } }));
    expect(await deposit(db, pk, mutation, 6)).toEqual({ deposited: 6 });
    expect(await balance(pk)).toBe(11);
  });
});
