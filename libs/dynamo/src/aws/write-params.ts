import type { TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';

import type { Item, Key, Value } from '../item.ts';
import type { Table } from '../table.ts';
import type { WriteOp } from '../write-op.ts';
import { createExpressions } from './expression.ts';

export type PhysicalName = (table: Table) => string;

type TransactItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

interface Common {
  TableName: string;
  ReturnValuesOnConditionCheckFailure: 'ALL_OLD';
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Record<string, Value>;
}

export type WriteParams =
  | { verb: 'put'; params: Common & { Item: Item; ConditionExpression?: string } }
  | { verb: 'update'; params: Common & { Key: Key; UpdateExpression: string; ConditionExpression?: string } }
  | { verb: 'remove'; params: Common & { Key: Key; ConditionExpression?: string } }
  | { verb: 'check'; params: Common & { Key: Key; ConditionExpression: string } };

/** A write as DynamoDB's parameters. Attributes only; the caller chooses the command. */
export const writeParams = (op: WriteOp, nameOf: PhysicalName): WriteParams => {
  const text = createExpressions();
  const condition = op.condition === undefined ? '' : text.condition(op.condition);
  const conditional = condition !== '' && { ConditionExpression: condition };
  const finish = <P extends object>(params: P) => ({
    TableName: nameOf(op.table),
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
    ...params,
    ...text.attributes(),
  });
  switch (op.verb) {
    case 'put':
      return { verb: 'put', params: finish({ Item: op.item, ...conditional }) };
    case 'update':
      return { verb: 'update', params: finish({ Key: op.key, UpdateExpression: text.update(op.changes), ...conditional }) };
    case 'remove':
      return { verb: 'remove', params: finish({ Key: op.key, ...conditional }) };
    case 'check':
      return { verb: 'check', params: finish({ Key: op.key, ConditionExpression: condition }) };
  }
};

export const transactItem = (op: WriteOp, nameOf: PhysicalName): TransactItem => {
  const { verb, params } = writeParams(op, nameOf);
  switch (verb) {
    case 'put':
      return { Put: params };
    case 'update':
      return { Update: params };
    case 'remove':
      return { Delete: params };
    case 'check':
      return { ConditionCheck: params };
  }
};
