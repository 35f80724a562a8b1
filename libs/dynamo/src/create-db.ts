import { randomUUID } from 'node:crypto';

import { batchGet, batchWrite, type BatchDeps } from './batch.ts';
import { createRunCommand, type CommandOptions } from './command.ts';
import type { Db, Query } from './db.ts';
import type { Engine } from './engine.ts';
import { keyText, type Item } from './item.ts';
import { commandRetries } from './metrics.ts';
import { keyOf, type WriteOp } from './write-op.ts';

/** DynamoDB's limit of one transaction. */
const MAX_OPERATIONS = 100;

/** All that is true of both engines: repetition, faults, batches, paging. */
export const createDb = (engine: Engine, options: CommandOptions): Db => {
  const run = createRunCommand(options);
  const retries = options.metrics.counter(commandRetries);
  const unprocessed: BatchDeps['unprocessed'] = (operation, { name: table }) =>
    retries.add({ operation, table, kind: 'throttle' });
  const batches = { engine, run, backoff: options.backoff, unprocessed };
  return {
    get: (ctx, table, key, { consistent = true } = {}) =>
      run(ctx, { verb: 'get', table, repeatable: true }, () => engine.get(ctx, table, { pk: key.pk, sk: key.sk }, consistent)),

    batchGet: (ctx, table, keys, { consistent = true } = {}) => batchGet(batches, ctx, table, keys, consistent),

    batchWrite: (ctx, table, rows) => batchWrite(batches, ctx, table, rows),

    query: async (ctx, table, query) => {
      assertQuery(query);
      const items: Item[] = [];
      let after = query.after;
      do {
        const limit = query.limit === undefined ? undefined : query.limit - items.length;
        const rest: Query = { ...query, limit, after };
        const page = await run(ctx, { verb: 'query', table, repeatable: true }, () => engine.query(ctx, table, rest));
        items.push(...page.items);
        after = page.after;
      } while (after && (query.limit === undefined || items.length < query.limit));
      return after ? { items, after } : { items };
    },

    count: async (ctx, table, query) => {
      assertQuery(query);
      let total = 0;
      let after: Item | undefined;
      do {
        const rest: Query = { ...query, after };
        const page = await run(ctx, { verb: 'count', table, repeatable: true }, () => engine.count(ctx, table, rest));
        total += page.count;
        after = page.after;
      } while (after);
      return total;
    },

    write: (ctx, op) => run(ctx, { verb: 'write', table: op.table, repeatable: false }, () => engine.write(ctx, op)),

    transact: (ctx, ops) => {
      assertTransaction(ops);
      const token = randomUUID();
      return run(ctx, { verb: 'transact', table: ops[0]!.table, repeatable: true }, () => engine.transact(ctx, ops, token));
    },

    createTable: (ctx, table) => run(ctx, { verb: 'createTable', table, repeatable: true }, () => engine.createTable(ctx, table)),
  };
};

const assertTransaction = (ops: readonly WriteOp[]): void => {
  if (ops.length === 0 || ops.length > MAX_OPERATIONS) throw new Error(`a transaction of ${ops.length} operations`);
  const seen = new Set<string>();
  for (const op of ops) {
    const row = `${op.table.name}/${keyText(keyOf(op))}`;
    if (seen.has(row)) throw new Error(`a transaction touches one row twice: ${row}`);
    seen.add(row);
  }
};

const assertQuery = (query: Pick<Query, 'sk' | 'limit'>): void => {
  if (query.sk && Object.keys(query.sk).length !== 1) throw new Error('a query takes one condition on the sort key');
  if (query.limit !== undefined && query.limit < 1) throw new Error(`a query limit of ${query.limit}`);
};
