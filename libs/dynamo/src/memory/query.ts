import type { Page, Query, SortRange } from '../db.ts';
import type { Item, Value } from '../item.ts';
import { indexOf, keyAttributes, type Table } from '../table.ts';
import { compareText, copyOf } from './value.ts';

/** Like DynamoDB, a page that reached its limit names a place to go on even if nothing follows. */
export const pageOf = (table: Table, rows: Iterable<Item>, query: Query): Page => {
  const index = query.index === undefined ? { pk: 'pk', sk: 'sk', project: 'ALL' as const } : indexOf(table, query.index);
  const keys = keyAttributes(table, query.index);
  const order = (a: Item, b: Item): number =>
    compareText(textOf(a[index.sk]), textOf(b[index.sk])) || compareText(a.pk, b.pk) || compareText(a.sk, b.sk);
  const direction = query.descending ? -1 : 1;
  const items = [...rows]
    .filter((row) => row[index.pk] === query.pk && typeof row[index.sk] === 'string' && inRange(textOf(row[index.sk]), query.sk))
    .filter((row) => query.after === undefined || order(row, query.after) * direction > 0)
    .sort((a, b) => order(a, b) * direction)
    .slice(0, query.limit)
    .map((row) => copyOf(index.project === 'ALL' ? row : pick(row, keys)) as Item);
  const last = items.at(-1);
  return last && items.length === query.limit ? { items, after: pick(last, keys) } : { items };
};

const textOf = (value: Value | undefined): string => (typeof value === 'string' ? value : '');

export const pick = (row: Item, attrs: readonly string[]): Item =>
  Object.fromEntries(attrs.map((attr) => [attr, row[attr]])) as Item;

const inRange = (sk: string, range: SortRange = {}): boolean => {
  const { eq, beginsWith, between, lt, lte, gt, gte } = range;
  return (
    (eq === undefined || sk === eq) &&
    (beginsWith === undefined || sk.startsWith(beginsWith)) &&
    (between === undefined || (compareText(sk, between[0]) >= 0 && compareText(sk, between[1]) <= 0)) &&
    (lt === undefined || compareText(sk, lt) < 0) &&
    (lte === undefined || compareText(sk, lte) <= 0) &&
    (gt === undefined || compareText(sk, gt) > 0) &&
    (gte === undefined || compareText(sk, gte) >= 0)
  );
};
