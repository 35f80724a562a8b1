import type { ConsumedCapacity } from '@aws-sdk/client-dynamodb';
import type { Context, Metrics, Span } from '@plaza/core';

import { consumedCapacity } from '../metrics.ts';

/**
 * Reports what a command cost, by the RPC on whose behalf it ran. `kind` is read or write; `index` is empty for the table itself.
 * DynamoDB does not say what a cancelled transaction cost.
 */
export const createCapacityMeter = (metrics: Metrics) => {
  const units = metrics.counter(consumedCapacity);
  return (ctx: Context, span: Span, kind: 'read' | 'write', consumed: Consumed): void => {
    const parts = Array.isArray(consumed) ? consumed : consumed ? [consumed] : [];
    // The text costs more than all the rest here, and most commands are in no trace.
    if (span.trace !== '')
      span.set(
        'aws.dynamodb.consumed_capacity',
        parts.map(({ TableName, CapacityUnits }) => JSON.stringify({ TableName, CapacityUnits })),
      );
    for (const { TableName: table = '', ...part } of parts) {
      const places = { '': part.Table, ...part.LocalSecondaryIndexes, ...part.GlobalSecondaryIndexes };
      for (const [index, { CapacityUnits = 0 } = {}] of Object.entries(places))
        if (CapacityUnits > 0) units.add({ rpc: ctx.method, table, index, kind }, CapacityUnits);
    }
  };
};

type Consumed = ConsumedCapacity | ConsumedCapacity[] | undefined;
