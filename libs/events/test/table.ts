import process from 'node:process';

import { noMetrics, silentLog } from '@plaza/core';
import { connectDb, defineTable, type Db } from '@plaza/dynamo';
import { testContext } from '@plaza/testing';

export const orders = defineTable({ name: 'orders' });

/** A service's table in the real engine. */
export const openTable = async (namespace: string): Promise<Db & { close(): void }> => {
  const dynamodbEndpoint = process.env['DYNAMODB_ENDPOINT'];
  const db = connectDb({ dynamodbEndpoint, awsRegion: 'us-east-1', namespace, log: silentLog, metrics: noMetrics });
  await db.createTable(testContext({ timeoutMs: 20_000 }), orders);
  return db;
};
