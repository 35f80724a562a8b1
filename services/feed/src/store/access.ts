import type { Access } from '@plaza/dynamo';

import { homeFeedTable, postsTable } from './table.ts';

/** All that the service may do: its IAM policy is derived from this, and its connection refuses the rest. */
export const feedAccess: Access = [
  {
    table: postsTable,
    actions: [
      'GetItem',
      'BatchGetItem',
      'Query',
      'PutItem',
      'UpdateItem',
      'DeleteItem',
      'ConditionCheckItem',
      // Of its outbox.
      'BatchWriteItem',
    ],
    indexes: ['byNotified'],
  },
  // It reads feeds, and says that they are read or are to be made anew; their rows are the worker's.
  { table: homeFeedTable, actions: ['GetItem', 'Query', 'PutItem', 'UpdateItem'], indexes: [] },
];

export const workerAccess: Access = [
  {
    table: postsTable,
    actions: [
      'GetItem',
      'BatchGetItem',
      'Query',
      'PutItem',
      'UpdateItem',
      'DeleteItem',
      'ConditionCheckItem',
      // When somebody is erased.
      'BatchWriteItem',
    ],
    indexes: [],
  },
  {
    table: homeFeedTable,
    actions: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem', 'BatchWriteItem'],
    indexes: [],
  },
];
