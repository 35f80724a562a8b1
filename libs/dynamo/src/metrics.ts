import { defineCounter, defineHistogram } from '@plaza/core';

export const commandSeconds = defineHistogram('dynamo_command_seconds', 'From one sending of a command to its answer', [
  'operation',
  'table',
]);
/** kind `conflict`: another transaction held the row; `throttle`: refused, nothing applied; `unknown`: no answer. */
export const commandRetries = defineCounter('dynamo_retries_total', 'Commands sent again', ['operation', 'table', 'kind']);
export const consumedCapacity = defineCounter('dynamo_consumed_capacity_units', 'Capacity units consumed', [
  'rpc',
  'table',
  'index',
  'kind',
]);
export const transactionRows = defineCounter(
  'dynamo_transaction_rows_total',
  'Rows that committed transactions wrote or checked',
  ['rpc', 'table'],
);
export const queryRows = defineCounter('dynamo_query_rows_total', 'Rows that queries read', ['rpc', 'table', 'index']);
