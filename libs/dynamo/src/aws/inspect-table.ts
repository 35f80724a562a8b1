import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ResourceNotFoundException,
  type GlobalSecondaryIndexDescription,
  type KeySchemaElement,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import type { Context } from '@plaza/core';

import { TTL_ATTRIBUTE, type Index, type Table } from '../table.ts';
import type { ConnectOptions } from './connect.ts';

/** A table as it is, held against its declaration. */
export interface SeenTable {
  readonly physicalName: string;
  /** `ACTIVE`, `CREATING` …; undefined when there is no such table. */
  readonly status: string | undefined;
  /** Where it is not what is declared, in words; empty when it is. */
  readonly differences: readonly string[];
}

const TIMEOUTS = { connectionTimeout: 3_000, requestTimeout: 5_000, throwOnRequestTimeout: true };

/** Looks at one table, over a connection of its own, and changes nothing. What it throws is the SDK's. */
export const inspectTable = async (
  options: Omit<ConnectOptions, 'log' | 'metrics' | 'faults'>,
  ctx: Context,
  table: Table,
): Promise<SeenTable> => {
  const { dynamodbEndpoint: endpoint, awsAccessKeyId = 'plaza', awsRegion: region, namespace } = options;
  const local =
    endpoint === undefined ? {} : { endpoint, credentials: { accessKeyId: awsAccessKeyId, secretAccessKey: 'local' } };
  const client = new DynamoDBClient({ region, ...local, maxAttempts: 1, requestHandler: TIMEOUTS });
  try {
    return await look(client, ctx, table, namespace === '' ? table.name : `${namespace}-${table.name}`);
  } finally {
    client.destroy();
  }
};

const look = async (client: DynamoDBClient, ctx: Context, table: Table, physicalName: string): Promise<SeenTable> => {
  const found = await describe(client, ctx, physicalName);
  if (found === undefined) return { physicalName, status: undefined, differences: ['it does not exist'] };
  const answer = await client.send(new DescribeTimeToLiveCommand({ TableName: physicalName }), { abortSignal: ctx.signal });
  const { TimeToLiveStatus = 'DISABLED', AttributeName } = answer.TimeToLiveDescription ?? {};
  const ttl = ['ENABLED', 'ENABLING'].includes(TimeToLiveStatus) ? AttributeName : undefined;
  return { physicalName, status: found.TableStatus, differences: differencesOf(table, found, ttl) };
};

const describe = async (client: DynamoDBClient, ctx: Context, name: string): Promise<TableDescription | undefined> => {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: name }), { abortSignal: ctx.signal })).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
};

/** An index too many costs and is told; what else somebody set, such as tags, is theirs. */
export const differencesOf = (table: Table, found: TableDescription, ttl: string | undefined): string[] => {
  const indexes = new Map((found.GlobalSecondaryIndexes ?? []).map((index) => [index.IndexName ?? '', index]));
  return [
    ...keyDifference('its key', found.KeySchema, 'pk', 'sk'),
    ...Object.entries(table.indexes).flatMap(([name, index]) => indexDifferences(name, index, indexes.get(name))),
    ...[...indexes.keys()].filter((name) => !table.indexes[name]).map((name) => `index ${name} is not declared`),
    ...(ttl === TTL_ATTRIBUTE ? [] : [`its TTL attribute is ${ttl ?? 'none'}, declared ${TTL_ATTRIBUTE}`]),
  ];
};

const indexDifferences = (name: string, index: Index, found: GlobalSecondaryIndexDescription | undefined): string[] => {
  if (found === undefined) return [`index ${name} is missing`];
  const { IndexStatus: status, Projection: projection } = found;
  return [
    ...keyDifference(`the key of index ${name}`, found.KeySchema, index.pk, index.sk),
    ...(projection?.ProjectionType === index.project
      ? []
      : [`index ${name} holds ${projection?.ProjectionType}, declared ${index.project}`]),
    // DynamoDB Local tells no state of an index that it has just made.
    ...(status === undefined || status === 'ACTIVE' ? [] : [`index ${name} is ${status}`]),
  ];
};

const keyDifference = (what: string, schema: KeySchemaElement[] | undefined, pk: string, sk: string): string[] => {
  const found = ['HASH', 'RANGE'].map((type) => schema?.find(({ KeyType }) => KeyType === type)?.AttributeName ?? 'nothing');
  return found[0] === pk && found[1] === sk ? [] : [`${what} is ${found.join(', ')}, declared ${pk}, ${sk}`];
};
