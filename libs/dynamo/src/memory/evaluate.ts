import { unreachable } from '@plaza/core';

import type { Condition } from '../condition.ts';
import type { Item, Value } from '../item.ts';
import type { Changes, WriteOp } from '../write-op.ts';
import { compareValues, copyOf, sameValue, stored } from './value.ts';

/** Whether the stored row (undefined: there is none) satisfies the condition. */
export const holds = (condition: Condition | undefined, row: Item | undefined): boolean => {
  if (condition === undefined) return true;
  switch (condition.kind) {
    case 'exists':
      return row !== undefined;
    case 'absent':
      return row === undefined;
    case 'has':
      return row?.[condition.attr] !== undefined;
    case 'lacks':
      return row?.[condition.attr] === undefined;
    case 'compare':
      return compares(condition, row?.[condition.attr]);
    case 'all':
      return condition.of.every((inner) => holds(inner, row));
    case 'any':
      return condition.of.some((inner) => holds(inner, row));
    default:
      return unreachable(condition);
  }
};

const compares = ({ is, value }: Extract<Condition, { kind: 'compare' }>, actual: Value | undefined): boolean => {
  const wanted = copyOf(value);
  if (is === '=') return sameValue(actual, wanted);
  if (is === '<>') return !sameValue(actual, wanted);
  const order = compareValues(actual, wanted);
  if (order === undefined) return false;
  switch (is) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
};

/** The row after the write: undefined when it is gone. The condition is judged elsewhere. */
export const applied = (op: WriteOp, row: Item | undefined): Item | undefined => {
  switch (op.verb) {
    case 'put':
      return stored(op.item);
    case 'update':
      return stored(changed({ ...row, ...op.key }, op.changes));
    case 'remove':
      return undefined;
    case 'check':
      return row;
  }
};

const changed = (row: Item, { set = {}, add = {}, remove = [], setOnce = {} }: Changes): Item => {
  const changes = [set, setOnce, add].some((of) => Object.values(of).some((value) => value !== undefined)) || remove.length > 0;
  if (!changes) throw new Error('an update that changes nothing');
  const next: Record<string, Value | undefined> = { ...row };
  for (const [attr, value] of Object.entries(set)) if (value !== undefined) next[attr] = value;
  for (const [attr, value] of Object.entries(setOnce)) next[attr] = row[attr] ?? value;
  for (const [attr, by] of Object.entries(add)) next[attr] = sum(row[attr] ?? 0, by);
  for (const attr of remove) delete next[attr];
  return next as Item;
};

const sum = (value: Value, by: number | bigint): Value => {
  if (typeof value !== 'number' && typeof value !== 'bigint') throw new Error('add to what is not a number');
  if (typeof value === 'number' && typeof by === 'number') return value + by;
  return copyOf(BigInt(value) + BigInt(by));
};
