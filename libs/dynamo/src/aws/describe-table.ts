import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  ResourceNotFoundException,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import type { Context } from '@plaza/core';

import { physicalName, type Table } from '../table.ts';
import { connectClient } from './connect.ts';
import type { CopierOptions } from './copy-table.ts';

/** What DynamoDB says of a table, and by which attribute its rows expire (empty: by none); undefined when there is no such table. */
export const describeTable = async (
  options: CopierOptions,
  ctx: Context,
  table: Table,
): Promise<{ description: TableDescription; ttl: string } | undefined> => {
  const client = connectClient(options, 3);
  const wish = { TableName: physicalName(options, table) };
  try {
    const [{ Table: description = {} }, { TimeToLiveDescription: life }] = await Promise.all([
      client.send(new DescribeTableCommand(wish), { abortSignal: ctx.signal }),
      client.send(new DescribeTimeToLiveCommand(wish), { abortSignal: ctx.signal }),
    ]);
    const expires = ['ENABLED', 'ENABLING'].includes(life?.TimeToLiveStatus ?? '');
    return { description, ttl: (expires && life?.AttributeName) || '' };
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  } finally {
    client.destroy();
  }
};
