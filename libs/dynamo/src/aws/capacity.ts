import type { ConsumedCapacity } from '@aws-sdk/client-dynamodb';
import type { Context, Metrics } from '@plaza/core';

import { consumedCapacity } from '../metrics.ts';

/**
 * Reports what a command cost, by the RPC on whose behalf it ran. `kind` is read or write; `index` is empty for the table itself.
 * DynamoDB does not say what a cancelled transaction cost.
 */
export const createCapacityMeter = (metrics: Metrics) => {
  const units = metrics.counter(consumedCapacity);
  return (ctx: Context, kind: 'read' | 'write', consumed: ConsumedCapacity | ConsumedCapacity[] | undefined): void => {
    for (const { TableName: table = '', ...part } of Array.isArray(consumed) ? consumed : consumed ? [consumed] : []) {
      const places = { '': part.Table, ...part.LocalSecondaryIndexes, ...part.GlobalSecondaryIndexes };
      for (const [index, { CapacityUnits = 0 } = {}] of Object.entries(places))
        if (CapacityUnits > 0) units.add({ rpc: ctx.method, table, index, kind }, CapacityUnits);
    }
  };
};
