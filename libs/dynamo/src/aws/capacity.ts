import type { ConsumedCapacity } from '@aws-sdk/client-dynamodb';
import type { Context, Metrics } from '@plaza/core';

/** Reports what a command cost, by the RPC on whose behalf it ran. `kind` is read or write. */
export const createCapacityMeter = (metrics: Metrics) => {
  const units = metrics.counter('dynamo_consumed_capacity_units', 'Capacity units consumed', ['rpc', 'table', 'kind']);
  return (ctx: Context, kind: 'read' | 'write', consumed: ConsumedCapacity | ConsumedCapacity[] | undefined): void => {
    for (const part of Array.isArray(consumed) ? consumed : consumed ? [consumed] : [])
      units.add({ rpc: ctx.method, table: part.TableName ?? '', kind }, part.CapacityUnits ?? 0);
  };
};
