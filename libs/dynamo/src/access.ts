import type { Db } from './db.ts';
import type { Table } from './table.ts';
import type { WriteOp } from './write-op.ts';

/** Actions of DynamoDB that Plaza's verbs take, named as IAM names them. A count is a Query, a transaction the actions in it. */
export type Action =
  | 'GetItem'
  | 'BatchGetItem'
  | 'Query'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem'
  | 'ConditionCheckItem'
  | 'BatchWriteItem';

export interface TableAccess {
  readonly table: Table;
  readonly actions: readonly Action[];
  /** Those that are queried; `Query` in `actions` is about the table alone. */
  readonly indexes: readonly string[];
}

/** All that one process may do. Its IAM policy is derived from it. */
export type Access = readonly TableAccess[];

const ACTION_OF: Readonly<Record<WriteOp['verb'], Action>> = {
  put: 'PutItem',
  update: 'UpdateItem',
  remove: 'DeleteItem',
  check: 'ConditionCheckItem',
};

/**
 * The same table store, which refuses whatever was not declared: a service that oversteps fails its tests, and not in
 * production, where IAM refuses it. Tables are made by nobody's policy, but for a process that is told to make its own.
 */
export const limited = (db: Db, access: Access): Db => {
  const allowed = new Map(access.map((one) => [one.table.name, one]));
  const demand = (table: Table, action: Action, index?: string): void => {
    const own = allowed.get(table.name);
    const ok = index === undefined ? own?.actions.includes(action) : own?.indexes.includes(index);
    if (!ok) throw new Error(`${action} on ${[table.name, index].filter(Boolean).join('/')} is not declared by this process`);
  };
  const demandWrite = (op: WriteOp): void => demand(op.table, ACTION_OF[op.verb]);

  return {
    get: async (ctx, table, ...rest) => {
      demand(table, 'GetItem');
      return db.get(ctx, table, ...rest);
    },
    batchGet: async (ctx, table, ...rest) => {
      demand(table, 'BatchGetItem');
      return db.batchGet(ctx, table, ...rest);
    },
    query: async (ctx, table, query) => {
      demand(table, 'Query', query.index);
      return db.query(ctx, table, query);
    },
    count: async (ctx, table, query) => {
      demand(table, 'Query', query.index);
      return db.count(ctx, table, query);
    },
    write: async (ctx, op) => {
      demandWrite(op);
      return db.write(ctx, op);
    },
    transact: async (ctx, ops) => {
      ops.forEach(demandWrite);
      return db.transact(ctx, ops);
    },
    batchWrite: async (ctx, table, rows) => {
      demand(table, 'BatchWriteItem');
      return db.batchWrite(ctx, table, rows);
    },
    createTable: (ctx, table) => db.createTable(ctx, table),
  };
};
