import process from 'node:process';

import { noMetrics, silentLog } from '@plaza/core';
import { testContext } from '@plaza/testing';
import { afterAll, expect, test } from 'vitest';

import { connectCopier, connectDb, defineTable, put } from '../src/index.ts';
import { fresh } from './engines.ts';

const opened: { close(): void }[] = [];
afterAll(() => opened.forEach((each) => each.close()));

const options = (tableNames: Record<string, string> = {}) => ({
  dynamodbEndpoint: process.env['DYNAMODB_ENDPOINT'],
  awsRegion: 'us-east-1',
  namespace: 'copy',
  tableNames,
  log: silentLog,
});
const opening = <T extends { close(): void }>(it: T): T => {
  opened.push(it);
  return it;
};

test('what is copied out and in is the same, whatever its type; a restored table is found by its new name', async () => {
  const table = defineTable({ name: `t-${fresh()}` });
  const ctx = testContext({ timeoutMs: 25_000 });
  const row = {
    pk: 'a',
    sk: 'b',
    text: 'zoë\n',
    big: 9_007_199_254_740_993n,
    bytes: new Uint8Array([0, 255, 7]),
    deep: { list: [1.5, null, true, new Uint8Array([1])] },
  };
  const db = opening(connectDb({ ...options(), metrics: noMetrics }));
  await db.createTable(ctx, table);
  await db.batchWrite(ctx, table, { put: Array.from({ length: 60 }, (_, i) => ({ ...row, sk: `b${i}` })) });

  const lines: string[] = [];
  for await (const page of opening(connectCopier(options())).readLines(ctx, table)) lines.push(...page);
  expect(lines).toHaveLength(60);

  const renamed = { [table.name]: `restored-${table.name}` };
  const copier = opening(connectCopier(options(renamed)));
  await copier.createTable(ctx, table);
  expect(await copier.isEmpty(ctx, table)).toBe(true);
  await copier.writeLines(ctx, table, lines);
  await copier.writeLines(ctx, table, lines.slice(0, 30));
  expect(await copier.count(ctx, table)).toBe(60);

  const after = opening(connectDb({ ...options(renamed), metrics: noMetrics }));
  expect(await after.get(ctx, table, { pk: 'a', sk: 'b7' })).toEqual({ ...row, sk: 'b7' });
  await after.write(ctx, put(table, { pk: 'only', sk: 'here' }));
  expect(await db.get(ctx, table, { pk: 'only', sk: 'here' })).toBeUndefined();
});
