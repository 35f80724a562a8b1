import { absent, type Condition } from './condition.ts';
import type { Item, Key, Storable, Value } from './item.ts';
import type { Table } from './table.ts';

export interface Changes {
  readonly set?: Readonly<Record<string, Value | undefined>>;
  /** Adds to a number; a missing one counts as 0. Not repeatable by itself: put it into a transaction with a request row. */
  readonly add?: Readonly<Record<string, number | bigint>>;
  readonly remove?: readonly string[];
  /** Sets only what is missing. */
  readonly setOnce?: Readonly<Record<string, Value>>;
}

/** One write as data: for `db.write`, or for `db.transact` together with others. */
export type WriteOp =
  | { readonly verb: 'put'; readonly table: Table; readonly item: Item; readonly condition?: Condition | undefined }
  | {
      readonly verb: 'update';
      readonly table: Table;
      readonly key: Key;
      readonly changes: Changes;
      readonly condition?: Condition | undefined;
    }
  | { readonly verb: 'remove'; readonly table: Table; readonly key: Key; readonly condition?: Condition | undefined }
  | { readonly verb: 'check'; readonly table: Table; readonly key: Key; readonly condition: Condition };

/** Writes the whole row. */
export const put = <T extends Storable<T>>(table: Table, item: T, condition?: Condition): WriteOp => ({
  verb: 'put',
  table,
  item: item as unknown as Item,
  condition,
});

/** Writes the row if there is none. */
export const insert = <T extends Storable<T>>(table: Table, item: T): WriteOp => put(table, item, absent());

/** Changes attributes of a row; without a condition it creates a missing one. */
export const update = (table: Table, key: Key, changes: Changes, condition?: Condition): WriteOp => ({
  verb: 'update',
  table,
  key: { pk: key.pk, sk: key.sk },
  changes,
  condition,
});

export const remove = (table: Table, key: Key, condition?: Condition): WriteOp => ({
  verb: 'remove',
  table,
  key: { pk: key.pk, sk: key.sk },
  condition,
});

/** Writes nothing; fails the transaction unless the condition holds. */
export const check = (table: Table, key: Key, condition: Condition): WriteOp => ({
  verb: 'check',
  table,
  key: { pk: key.pk, sk: key.sk },
  condition,
});

export const keyOf = (op: WriteOp): Key => (op.verb === 'put' ? op.item : op.key);
