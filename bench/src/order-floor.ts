import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, TransactWriteCommand, type TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { newId } from '@plaza/core';

import type { Load } from './generator.ts';

/**
 * The floor of CreateOrder, a process of its own: the transactions of one order of three lines, issued back to back by nobody but the SDK.
 * As many rows of about the same size as the services write, in the same three databases. Six come before the answer; paying the
 * seller and leaving the due index come behind it, and the next order does not wait for them.
 */
export interface FloorJob {
  readonly endpoint: string;
  readonly concurrency: number;
  readonly warmUpMs: number;
  readonly durationMs: number;
}

const job = JSON.parse(process.argv[2]!) as FloorJob;
type Op = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

const TableName = `floor-${newId()}`;
const open = async (accessKeyId: string) => {
  const credentials = { accessKeyId, secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint: job.endpoint, region: 'us-east-1', credentials });
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', 'sk', 'shard', 'due', 'state'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'due',
          KeySchema: [
            { AttributeName: 'shard', KeyType: 'HASH' },
            { AttributeName: 'due', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
        {
          IndexName: 'byState',
          KeySchema: [
            { AttributeName: 'state', KeyType: 'HASH' },
            { AttributeName: 'due', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
    }),
  );
  const documents = DynamoDBDocumentClient.from(client);
  return {
    client,
    transact: (...TransactItems: Op[]) => documents.send(new TransactWriteCommand({ TransactItems })),
  };
};
const [orders, products, users] = [await open('order'), await open('product'), await open('user')];

const insert = (pk: string, sk: string, bytes: number, index = {}): Op => ({
  Put: { TableName, Item: { pk, sk, body: 'x'.repeat(bytes), n: 1, ...index }, ConditionExpression: 'attribute_not_exists(pk)' },
});
/** A counter that must not fall below zero: a stock, a wallet, or the version of an order. */
const change = (pk: string, sk: string): Op => ({
  Update: {
    TableName,
    Key: { pk, sk },
    UpdateExpression: 'ADD n :one SET seen = :now',
    ConditionExpression: 'attribute_not_exists(n) OR n >= :one',
    ExpressionAttributeValues: { ':one': 1, ':now': '2026' },
  },
});
/** The next state of an order, which moves it in one of its indexes. */
const move = (pk: string, sk: string, state: string): Op => ({
  Update: {
    TableName,
    Key: { pk, sk },
    UpdateExpression: 'ADD n :one SET #state = :state',
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeNames: { '#state': 'state' },
    ExpressionAttributeValues: { ':one': 1, ':state': state },
  },
});
const absent = (pk: string): Op => ({
  ConditionCheck: { TableName, Key: { pk, sk: 'ERASED' }, ConditionExpression: 'attribute_not_exists(pk)' },
});
const event = () => insert(`OX#${newId()}`, 'E', 250);
const request = () => insert(`RQ#${newId()}`, 'RQ', 150);

/** Resolves when the order is answered, with what still goes on behind. */
const order = async (lane: number): Promise<{ behind: Promise<unknown> }> => {
  const id = newId();
  const [pk, sk, ref] = [`U#${lane}`, `O#${id}`, `O#${id}`];
  const stock = [0, 1, 2].map((line) => `P#${(lane * 3 + line) % 90}`);
  const stocks = () => stock.map((product) => change(product, 'STOCK'));
  const due = { shard: `SAGA#${lane % 4}`, due: id };
  await orders.transact(
    absent(pk),
    insert(pk, sk, 700, { ...due, state: 'PENDING' }),
    insert(ref, 'REF', 40),
    insert(ref, 'EV#1', 100),
    event(),
    request(),
  );
  await products.transact(insert(`R#${id}`, 'R', 200, due), ...stocks(), event(), request());
  await orders.transact(move(pk, sk, 'RESERVED'), insert(ref, 'EV#2', 100));
  await users.transact(insert(`HOLD#${id}`, 'H', 100), change(`W#${lane}`, 'BAL'), request());
  await products.transact(change(`R#${id}`, 'R'), ...stocks(), event(), request());
  await orders.transact(move(pk, sk, 'PAID'), insert(ref, 'EV#3', 100), event(), insert(`S#${lane % 10}`, sk, 40));
  const ledger = () => insert(`L#${newId()}`, 'L', 150);
  const settle = async () => {
    const [buyer, seller] = [change(`W#${lane}`, 'BAL'), change(`W#s${lane % 10}`, 'BAL')];
    await users.transact(change(`HOLD#${id}`, 'H'), buyer, ledger(), seller, ledger(), request());
    await orders.transact(change(pk, sk));
  };
  return { behind: settle() };
};

const run = async (durationMs: number): Promise<Load> => {
  const times: number[] = [];
  const start = performance.now();
  const lane = async (n: number) => {
    let behind: Promise<unknown> = Promise.resolve();
    while (performance.now() - start < durationMs) {
      const begun = performance.now();
      const placed = await order(n);
      times.push(performance.now() - begun);
      await behind;
      behind = placed.behind;
    }
    await behind;
  };
  await Promise.all(Array.from({ length: job.concurrency }, (_, n) => lane(n)));
  const seconds = (performance.now() - start) / 1000;
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return { calls: times.length, errors: 0, perSecond: times.length / seconds, p50Ms: at(0.5), p99Ms: at(0.99) };
};

await run(job.warmUpMs);
process.stdout.write(JSON.stringify(await run(job.durationMs)));
for (const { client } of [orders, products, users]) client.destroy();
