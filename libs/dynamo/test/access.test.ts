import { testContext } from '@plaza/testing';
import { expect, test } from 'vitest';

import { limited, type Access } from '../src/access.ts';
import { createMemoryDb, check, defineTable, exists, put, remove, update } from '../src/index.ts';

const own = defineTable({ name: 'own', indexes: { byAge: { pk: 'kind', sk: 'age' }, byName: { pk: 'kind', sk: 'name' } } });
const other = defineTable({ name: 'other' });
const key = { pk: 'a', sk: 'b' };

const having = (...access: Access) => limited(createMemoryDb(), access);
const ctx = () => testContext();

test('what is declared is done', async () => {
  const db = having({ table: own, actions: ['PutItem', 'GetItem', 'Query'], indexes: ['byAge'] });
  await db.write(ctx(), put(own, { ...key, kind: 'tea', age: '1' }));
  expect(await db.get(ctx(), own, key)).toMatchObject(key);
  expect((await db.query(ctx(), own, { index: 'byAge', pk: 'tea' })).items).toHaveLength(1);
  expect(await db.count(ctx(), own, { pk: 'a' })).toBe(1);
});

test('nothing else is: no other action, no other index, no other table', async () => {
  const db = having({ table: own, actions: ['PutItem'], indexes: ['byAge'] });
  await expect(db.get(ctx(), own, key)).rejects.toThrow('GetItem on own is not declared');
  await expect(db.batchGet(ctx(), own, [key])).rejects.toThrow('BatchGetItem on own');
  await expect(db.query(ctx(), own, { pk: 'a' })).rejects.toThrow('Query on own is');
  await expect(db.query(ctx(), own, { index: 'byName', pk: 'a' })).rejects.toThrow('Query on own/byName');
  await expect(db.count(ctx(), own, { pk: 'a' })).rejects.toThrow('Query on own is');
  await expect(db.write(ctx(), update(own, key, { set: { x: 1 } }))).rejects.toThrow('UpdateItem on own');
  await expect(db.write(ctx(), put(other, key))).rejects.toThrow('PutItem on other');
  await expect(db.batchWrite(ctx(), own, { put: [key] })).rejects.toThrow('BatchWriteItem on own');
});

test('a transaction with one write that is not declared does nothing', async () => {
  const all = createMemoryDb();
  const db = limited(all, [{ table: own, actions: ['PutItem'], indexes: [] }]);
  await expect(db.transact(ctx(), [put(own, key), remove(own, { pk: 'x', sk: 'y' })])).rejects.toThrow('DeleteItem on own');
  await expect(db.transact(ctx(), [put(own, key), check(own, { pk: 'x', sk: 'y' }, exists())])).rejects.toThrow(
    'ConditionCheckItem',
  );
  expect(await all.get(ctx(), own, key)).toBeUndefined();
});
