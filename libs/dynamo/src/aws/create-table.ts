import {
  CreateTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  ResourceInUseException,
  ResourceNotFoundException,
  UpdateTimeToLiveCommand,
  type CreateTableCommandInput,
  type DynamoDBClient,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import { assertAlive, pause, type Context } from '@plaza/core';

import { TTL_ATTRIBUTE, type Table } from '../table.ts';

const POLL_MS = 100;

/** What global tables replicate by. */
const STREAM = { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' as const };

/** The CreateTable parameters derived from the declaration; paid per request. */
export const createTableInput = (table: Table, physicalName: string): CreateTableCommandInput => {
  const attributes = new Set(['pk', 'sk', ...Object.values(table.indexes).flatMap((index) => [index.pk, index.sk])]);
  const indexes = Object.entries(table.indexes).map(([name, index]) => ({
    IndexName: name,
    KeySchema: keySchema(index.pk, index.sk),
    Projection: { ProjectionType: index.project },
  }));
  return {
    TableName: physicalName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [...attributes].map((name) => ({ AttributeName: name, AttributeType: 'S' as const })),
    KeySchema: keySchema('pk', 'sk'),
    ...(indexes.length > 0 && { GlobalSecondaryIndexes: indexes }),
    ...(!table.derived && { StreamSpecification: STREAM }),
  };
};

const keySchema = (pk: string, sk: string) => [
  { AttributeName: pk, KeyType: 'HASH' as const },
  { AttributeName: sk, KeyType: 'RANGE' as const },
];

export interface Maker {
  readonly client: DynamoDBClient;
  /** DynamoDB Local replicates nothing, and writes take a third longer with a stream. */
  readonly streams: boolean;
}

/** Several processes may do this at once. A table that lacks a declared index is a defect of the deployment, and said so. */
export const ensureTable = async (maker: Maker, ctx: Context, table: Table, physicalName: string): Promise<void> => {
  const { client } = maker;
  if ((await describe(client, ctx, physicalName)) === undefined) await create(maker, ctx, table, physicalName);
  const description = await untilActive(client, ctx, physicalName);
  const present = new Set(description.GlobalSecondaryIndexes?.map((index) => index.IndexName));
  const missing = Object.keys(table.indexes).filter((name) => !present.has(name));
  if (missing.length > 0) throw new Error(`table ${physicalName} exists without index ${missing.join(', ')}`);
  await enableTtl(client, ctx, physicalName);
};

const create = async ({ client, streams }: Maker, ctx: Context, table: Table, physicalName: string): Promise<void> => {
  const { StreamSpecification, ...input } = createTableInput(table, physicalName);
  const wish = streams && StreamSpecification ? { ...input, StreamSpecification } : input;
  try {
    await client.send(new CreateTableCommand(wish), { abortSignal: ctx.signal });
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
};

const describe = async (client: DynamoDBClient, ctx: Context, name: string): Promise<TableDescription | undefined> => {
  try {
    const answer = await client.send(new DescribeTableCommand({ TableName: name }), { abortSignal: ctx.signal });
    return answer.Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
};

const untilActive = async (client: DynamoDBClient, ctx: Context, name: string): Promise<TableDescription> => {
  for (;;) {
    const description = await describe(client, ctx, name);
    const indexes = description?.GlobalSecondaryIndexes ?? [];
    if (description?.TableStatus === 'ACTIVE' && indexes.every((index) => index.IndexStatus === 'ACTIVE')) return description;
    await pause(POLL_MS, ctx.signal);
    assertAlive(ctx);
  }
};

const enableTtl = async (client: DynamoDBClient, ctx: Context, name: string): Promise<void> => {
  const enabled = async () => {
    const answer = await client.send(new DescribeTimeToLiveCommand({ TableName: name }), { abortSignal: ctx.signal });
    return ['ENABLED', 'ENABLING'].includes(answer.TimeToLiveDescription?.TimeToLiveStatus ?? '');
  };
  if (await enabled()) return;
  const wish = { TableName: name, TimeToLiveSpecification: { Enabled: true, AttributeName: TTL_ATTRIBUTE } };
  try {
    await client.send(new UpdateTimeToLiveCommand(wish), { abortSignal: ctx.signal });
  } catch (error) {
    // Another process may have been quicker; then DynamoDB refuses the repetition.
    if (!(await enabled())) throw error;
  }
};
