import type { Access } from '@plaza/dynamo';

import { usersTable } from './table.ts';

/** All that this service may do with its table: its IAM policy is derived from this, and its connection refuses the rest. */
export const access: Access = [
  {
    table: usersTable,
    actions: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem', 'BatchWriteItem'],
    indexes: ['byState'],
  },
];
