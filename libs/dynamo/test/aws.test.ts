import { createServer, type Server } from 'node:net';
import process from 'node:process';

import { noMetrics, silentLog, type Metrics } from '@plaza/core';
import { testContext } from '@plaza/testing';
import { afterEach, expect, test } from 'vitest';

import { createInFlightLimit } from '../src/aws/in-flight.ts';
import { connectDb, defineTable, insert, put, requestRow, type Db } from '../src/index.ts';
import { ctx, fresh } from './engines.ts';

const opened: { close(): void }[] = [];
const servers: Server[] = [];
afterEach(() => {
  for (const each of [...opened.splice(0), ...servers.splice(0)]) each.close();
});

test('tables are created once by many at a time, with TTL, and keep their rows', async () => {
  const table = defineTable({ name: `t-${fresh()}`, indexes: { byOwner: { pk: 'owner', sk: 'rank' } } });
  const db = connect();
  await Promise.all(Array.from({ length: 4 }, () => db.createTable(ctx(), table)));
  await db.write(ctx(), put(table, { pk: 'a', sk: 'b' }));
  await db.createTable(ctx(), table);
  expect(await db.get(ctx(), table, { pk: 'a', sk: 'b' })).toEqual({ pk: 'a', sk: 'b' });
});

test('a table that lacks a declared index is not taken for the declared one', async () => {
  const name = `t-${fresh()}`;
  const db = connect();
  await db.createTable(ctx(), defineTable({ name }));
  const grown = defineTable({ name, indexes: { late: { pk: 'owner', sk: 'rank' } } });
  await expect(db.createTable(ctx(), grown)).rejects.toThrow('without index late');
});

test('namespaces keep tables apart', async () => {
  const table = defineTable({ name: `t-${fresh()}` });
  const [one, two] = [connect({ namespace: 'one' }), connect({ namespace: 'two' })];
  await Promise.all([one.createTable(ctx(), table), two.createTable(ctx(), table)]);
  await one.write(ctx(), put(table, { pk: 'a', sk: 'b' }));
  expect(await two.get(ctx(), table, { pk: 'a', sk: 'b' })).toBeUndefined();
});

test('consumed capacity is reported for the RPC that consumed it, by table and index', async () => {
  const table = defineTable({ name: `t-${fresh()}`, indexes: { byAge: { pk: 'kind', sk: 'age', project: 'KEYS_ONLY' } } });
  const { metrics, totals } = recorder();
  const db = connect({ metrics });
  await db.createTable(ctx(), table);
  const rpc = { ...testContext({ method: 'plaza.test.v1.TestService/Do' }) };
  const mutation = { id: 'r1', repeatable: true, scope: 's', hash: 'h' };
  await db.transact(rpc, [insert(table, { pk: 'a', sk: 'b' }), requestRow(table, mutation, null)]);
  await db.get(rpc, table, { pk: 'a', sk: 'b' });
  await db.query(rpc, table, { pk: 'a' });
  await db.batchWrite(rpc, table, { put: [{ pk: 'a', sk: 'c', kind: 'tea', age: '1' }] });
  await db.query(rpc, table, { index: 'byAge', pk: 'tea' });
  // AWS charges each row of a transaction twice; DynamoDB Local charges their bytes together.
  expect([3, 5]).toContain(totals['write ']);
  expect(totals).toMatchObject({ 'read ': 2, 'write byAge': 1, 'read byAge': 0.5, 'rows in transactions': 2, 'rows queried': 2 });
});

test('a store that is silent, refuses or hangs up is UNAVAILABLE, in bounded time', async () => {
  const table = defineTable({ name: 'any' });
  const silent = await listen((server) => server);
  const hangsUp = await listen((server) => server.on('connection', (socket) => socket.on('data', () => socket.destroy())));
  const refuses = await listen((server) => server);
  await new Promise((resolve) => servers.pop()!.close(resolve));
  for (const port of [silent, hangsUp, refuses]) {
    const db = connect({ dynamodbEndpoint: `http://127.0.0.1:${port}` });
    const started = performance.now();
    const write = db.write(ctx(), put(table, { pk: 'a', sk: 'b' }));
    await expect(write).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'STORE_UNAVAILABLE' });
    expect(performance.now() - started).toBeLessThan(3000);
  }
});

test('the deadline and the caller end a command that is out', async () => {
  const db = connect({ dynamodbEndpoint: `http://127.0.0.1:${await listen((server) => server)}` });
  const table = defineTable({ name: 'any' });
  const read = db.get(testContext({ timeoutMs: 100 }), table, { pk: 'a', sk: 'b' });
  await expect(read).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  const caller = new AbortController();
  const abandoned = db.get({ ...ctx(), signal: caller.signal }, table, { pk: 'a', sk: 'b' });
  caller.abort();
  await expect(abandoned).rejects.toMatchObject({ code: 'CANCELLED' });
});

test('a missing table is a defect, not an outage', async () => {
  const table = defineTable({ name: `t-${fresh()}` });
  const failure = await connect()
    .get(ctx(), table, { pk: 'a', sk: 'b' })
    .catch((error: unknown) => error);
  expect(failure).toMatchObject({ name: 'ResourceNotFoundException' });
});

test('no more than the limit run at a time, first come first served, whatever fails', async () => {
  const limit = createInFlightLimit(2);
  const order: number[] = [];
  let running = 0;
  const work = (n: number) =>
    limit(async () => {
      expect(++running).toBeLessThanOrEqual(2);
      order.push(n);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      if (n % 3 === 0) throw new Error('failed');
    });
  const results = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => work(n)));
  expect(order).toEqual(Array.from({ length: 20 }, (_, n) => n));
  expect(results.filter((result) => result.status === 'rejected')).toHaveLength(7);
});

const connect = (options: { dynamodbEndpoint?: string; namespace?: string; metrics?: Metrics } = {}): Db => {
  const db = connectDb({
    dynamodbEndpoint: process.env['DYNAMODB_ENDPOINT'],
    awsRegion: 'us-east-1',
    namespace: '',
    log: silentLog,
    metrics: noMetrics,
    ...options,
  });
  opened.push(db);
  return db;
};

const listen = async (shape: (server: Server) => Server): Promise<number> => {
  const server = shape(createServer());
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
};

const PLACES: Readonly<Record<string, string>> = {
  dynamo_transaction_rows_total: 'rows in transactions',
  dynamo_query_rows_total: 'rows queried',
};

const recorder = () => {
  const totals: Record<string, number> = {};
  const counter: Metrics['counter'] = ({ name }) => ({
    add: (labels: Readonly<Record<string, string>>, by = 1) => {
      if (labels['rpc'] !== 'plaza.test.v1.TestService/Do') return;
      const place = PLACES[name] ?? `${labels['kind']} ${labels['index']}`;
      totals[place] = (totals[place] ?? 0) + by;
    },
  });
  return { metrics: { ...noMetrics, counter }, totals };
};
