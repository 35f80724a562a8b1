import {
  BatchWriteItemCommand,
  ScanCommand,
  type AttributeValue,
  type DynamoDBClient,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { backoffMs, pause, type Context } from '@plaza/core';

import { physicalName, type Naming, type Table } from '../table.ts';
import { connectClient, type ConnectOptions } from './connect.ts';
import { ensureTable } from './create-table.ts';
import { rowOfLine, lineOfRow } from './row-line.ts';

/** Copies whole tables out and in, for backups and drills: the only one that scans. No service has it. */
export interface TableCopier {
  /** All rows a page at a time, each as a line of DynamoDB's typed JSON, in no order. What is written meanwhile is in it or not. */
  readLines(ctx: Context, table: Table): AsyncGenerator<string[]>;
  /** Puts the rows, in no order; again does no harm. */
  writeLines(ctx: Context, table: Table, lines: readonly string[]): Promise<void>;
  /** Reads the whole table. */
  count(ctx: Context, table: Table): Promise<number>;
  isEmpty(ctx: Context, table: Table): Promise<boolean>;
  /** Unless it is there. */
  createTable(ctx: Context, table: Table): Promise<void>;
  close(): void;
}

export type CopierOptions = Naming & Pick<ConnectOptions, 'dynamodbEndpoint' | 'awsRegion' | 'awsAccessKeyId' | 'log'>;

/** Reading and putting whole rows may be repeated, so that the SDK itself does it. */
const ATTEMPTS = 8;
/** DynamoDB's limit of one call. */
const WRITE_SIZE = 25;
/** Calls that are out at a time: enough to be quick, few enough to leave a provisioned table to its users. */
const IN_FLIGHT = 8;

export const connectCopier = (options: CopierOptions): TableCopier => {
  const client = connectClient(options, ATTEMPTS);
  const nameOf = (table: Table) => physicalName(options, table);

  const pages = async function* (ctx: Context, table: Table, select: 'COUNT' | 'ALL_ATTRIBUTES', limit?: number) {
    let after: Record<string, AttributeValue> | undefined;
    do {
      const page = await client.send(
        new ScanCommand({
          TableName: nameOf(table),
          Select: select,
          ConsistentRead: true,
          Limit: limit,
          ExclusiveStartKey: after,
        }),
        { abortSignal: ctx.signal },
      );
      yield page;
      after = page.LastEvaluatedKey;
    } while (after);
  };

  return {
    readLines: async function* (ctx, table) {
      for await (const { Items = [] } of pages(ctx, table, 'ALL_ATTRIBUTES')) yield Items.map(lineOfRow);
    },
    writeLines: async (ctx, table, lines) => {
      const chunks = Array.from({ length: Math.ceil(lines.length / WRITE_SIZE) }, (_, i) =>
        lines.slice(i * WRITE_SIZE, (i + 1) * WRITE_SIZE),
      );
      const lane = async () => {
        for (let chunk = chunks.pop(); chunk; chunk = chunks.pop()) await writeAll(client, ctx, nameOf(table), chunk);
      };
      await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
    },
    count: async (ctx, table) => {
      let total = 0;
      for await (const { Count = 0 } of pages(ctx, table, 'COUNT')) total += Count;
      return total;
    },
    isEmpty: async (ctx, table) => {
      for await (const { Count = 0 } of pages(ctx, table, 'COUNT', 1)) return Count === 0;
      return true;
    },
    createTable: (ctx, table) => ensureTable({ client, streams: !options.dynamodbEndpoint }, ctx, table, nameOf(table)),
    close: () => client.destroy(),
  };
};

/** Until nothing is left unprocessed. */
const writeAll = async (client: DynamoDBClient, ctx: Context, name: string, lines: readonly string[]): Promise<void> => {
  let requests: WriteRequest[] = lines.map((line) => ({ PutRequest: { Item: rowOfLine(line) } }));
  for (let attempt = 0; requests.length > 0; attempt++) {
    if (attempt > 0) await pause(backoffMs(attempt, 50, 5_000), ctx.signal);
    const answer = await client.send(new BatchWriteItemCommand({ RequestItems: { [name]: requests } }), {
      abortSignal: ctx.signal,
    });
    requests = answer.UnprocessedItems?.[name] ?? [];
  }
};
