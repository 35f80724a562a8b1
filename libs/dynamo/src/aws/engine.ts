import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
  type BatchWriteCommandOutput,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import { startSpanBelow, type Context, type Metrics, type Span } from '@plaza/core';

import type { Page, Query, WriteResult } from '../db.ts';
import type { BatchRow, Engine } from '../engine.ts';
import type { Item, Key } from '../item.ts';
import { queryRows, transactionRows } from '../metrics.ts';
import { indexOf, keyAttributes, physicalName, type Naming, type Table } from '../table.ts';
import type { WriteOp } from '../write-op.ts';
import { createCapacityMeter } from './capacity.ts';
import { ensureTable } from './create-table.ts';
import { createExpressions } from './expression.ts';
import { failureOf, refusalOf } from './failure.ts';
import { createInFlightLimit } from './in-flight.ts';
import { transactItem, writeParams } from './write-params.ts';

export interface EngineDeps {
  readonly client: DynamoDBClient;
  readonly documents: DynamoDBDocumentClient;
  readonly naming: Naming;
  /** Whether tables that are made here have one. */
  readonly streams: boolean;
  readonly metrics: Metrics;
  /** Sockets; more commands wait their turn. */
  readonly inFlight: number;
}

/** `span`: of the command that is sent. */
type Work<T> = (span: Span) => Promise<T>;

const OPERATIONS = { put: 'PutItem', update: 'UpdateItem', remove: 'DeleteItem', check: 'ConditionCheck' } as const;

const METERED = { ReturnConsumedCapacity: 'INDEXES' } as const;

export const createAwsEngine = ({ client, documents, naming, streams, metrics, inFlight }: EngineDeps): Engine => {
  const limit = createInFlightLimit(inFlight);
  const report = createCapacityMeter(metrics);
  // What a transaction costs on AWS can be told from these; DynamoDB Local adds up all bytes of a transaction before it rounds.
  const rows = metrics.counter(transactionRows);
  const queried = metrics.counter(queryRows);
  const nameOf = (table: Table): string => physicalName(naming, table);

  /** One sending of one command: a repetition is a span of its own, beside the one that failed. */
  const command = async <T>(ctx: Context, operation: string, table: Table, work: Work<T>): Promise<T> => {
    const span = startSpanBelow(`dynamodb.${operation}`, 'client', ctx.trace, {
      'db.system.name': 'aws.dynamodb',
      'db.operation.name': operation,
      'db.collection.name': nameOf(table),
    });
    try {
      const answer = await limit(() => work(span));
      span.end();
      return answer;
    } catch (error) {
      span.end(error instanceof Error ? error.name : 'unknown');
      throw error;
    }
  };
  const read: typeof command = async (...what) => {
    try {
      return await command(...what);
    } catch (error) {
      throw failureOf(error);
    }
  };
  const written = async (...what: Parameters<typeof command<void>>): Promise<WriteResult> => {
    try {
      await command(...what);
      return { ok: true };
    } catch (error) {
      return refusalOf(error);
    }
  };

  const send = (ctx: Context, op: WriteOp) => {
    const { verb, params } = writeParams(op, nameOf);
    const options = { abortSignal: ctx.signal };
    switch (verb) {
      case 'put':
        return documents.send(new PutCommand({ ...params, ...METERED }), options);
      case 'update':
        return documents.send(new UpdateCommand({ ...params, ...METERED }), options);
      case 'remove':
        return documents.send(new DeleteCommand({ ...params, ...METERED }), options);
      case 'check':
        throw new Error('a check belongs into a transaction');
    }
  };

  const queryParams = (table: Table, query: Query) => {
    const text = createExpressions();
    const keys = query.index === undefined ? { pk: 'pk', sk: 'sk' } : indexOf(table, query.index);
    const parts = [`${text.name(keys.pk)} = ${text.value(query.pk)}`, ...(query.sk ? [text.range(keys.sk, query.sk)] : [])];
    return {
      TableName: nameOf(table),
      KeyConditionExpression: parts.join(' AND '),
      ...text.attributes(),
      ...(query.index === undefined ? { ConsistentRead: query.consistent ?? true } : { IndexName: query.index }),
      ...(query.after && { ExclusiveStartKey: pick(query.after, keyAttributes(table, query.index)) }),
      ...(query.limit !== undefined && { Limit: query.limit }),
      ScanIndexForward: !query.descending,
      ...METERED,
    };
  };

  return {
    get: (ctx, table, key, consistent) =>
      read(ctx, 'GetItem', table, async (span) => {
        const params = { TableName: nameOf(table), Key: key, ConsistentRead: consistent, ...METERED };
        const answer = await documents.send(new GetCommand(params), { abortSignal: ctx.signal });
        report(ctx, span, 'read', answer.ConsumedCapacity);
        return answer.Item as Item | undefined;
      }),

    batchGet: (ctx, table, keys, consistent) =>
      read(ctx, 'BatchGetItem', table, async (span) => {
        const name = nameOf(table);
        const params = { RequestItems: { [name]: { Keys: [...keys], ConsistentRead: consistent } }, ...METERED };
        const answer = await documents.send(new BatchGetCommand(params), { abortSignal: ctx.signal });
        report(ctx, span, 'read', answer.ConsumedCapacity);
        const unprocessed = answer.UnprocessedKeys?.[name]?.Keys ?? [];
        return { items: (answer.Responses?.[name] ?? []) as Item[], unprocessed: unprocessed as Key[] };
      }),

    query: (ctx, table, query) =>
      read(ctx, 'Query', table, async (span) => {
        const answer = await documents.send(new QueryCommand(queryParams(table, query)), { abortSignal: ctx.signal });
        report(ctx, span, 'read', answer.ConsumedCapacity);
        const page: Page = { items: (answer.Items ?? []) as Item[] };
        queried.add({ rpc: ctx.method, table: nameOf(table), index: query.index ?? '' }, page.items.length);
        return answer.LastEvaluatedKey ? { ...page, after: answer.LastEvaluatedKey as Item } : page;
      }),

    count: (ctx, table, query) =>
      read(ctx, 'Query', table, async (span) => {
        const params = { ...queryParams(table, query), Select: 'COUNT' as const };
        const answer = await documents.send(new QueryCommand(params), { abortSignal: ctx.signal });
        report(ctx, span, 'read', answer.ConsumedCapacity);
        const count = answer.Count ?? 0;
        return answer.LastEvaluatedKey ? { count, after: answer.LastEvaluatedKey as Item } : { count };
      }),

    write: (ctx, op) =>
      written(ctx, OPERATIONS[op.verb], op.table, async (span) =>
        report(ctx, span, 'write', (await send(ctx, op)).ConsumedCapacity),
      ),

    transact: (ctx, ops, token) =>
      written(ctx, 'TransactWriteItems', ops[0]!.table, async (span) => {
        const params = { TransactItems: ops.map((op) => transactItem(op, nameOf)), ClientRequestToken: token, ...METERED };
        const answer = await documents.send(new TransactWriteCommand(params), { abortSignal: ctx.signal });
        report(ctx, span, 'write', answer.ConsumedCapacity);
        for (const { table } of ops) rows.add({ rpc: ctx.method, table: nameOf(table) });
      }),

    batchWrite: (ctx, table, rows) =>
      read(ctx, 'BatchWriteItem', table, async (span) => {
        const name = nameOf(table);
        const params = { RequestItems: { [name]: rows.map(batchRequest) }, ...METERED };
        const answer = await documents.send(new BatchWriteCommand(params), { abortSignal: ctx.signal });
        report(ctx, span, 'write', answer.ConsumedCapacity);
        return (answer.UnprocessedItems?.[name] ?? []).map(rowOf);
      }),

    createTable: (ctx, table) =>
      read(ctx, 'CreateTable', table, () => ensureTable({ client, streams }, ctx, table, nameOf(table))),
  };
};

type WriteRequest = NonNullable<BatchWriteCommandOutput['UnprocessedItems']>[string][number];

const pick = (row: Item, attrs: readonly string[]) => Object.fromEntries(attrs.map((attr) => [attr, row[attr]]));

const batchRequest = ({ key, item }: BatchRow) => (item ? { PutRequest: { Item: item } } : { DeleteRequest: { Key: key } });

const rowOf = (request: WriteRequest): BatchRow => {
  const item = request.PutRequest?.Item as Item | undefined;
  return item ? { key: { pk: item.pk, sk: item.sk }, item } : { key: request.DeleteRequest?.Key as Key };
};
