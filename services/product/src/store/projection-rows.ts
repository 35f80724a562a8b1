import { eq, insert, put, remove, update, type Item, type WriteOp } from '@plaza/dynamo';

import { entriesOf, type Projection } from '../domain/projection.ts';
import { keys, products } from './table.ts';

/** A row carries all words of its product: what several words have in common is found without reading products. */
export const wordRows = (projection: Projection): Item[] =>
  entriesOf(projection).map((entry) => ({ ...keys.word(entry), name: entry.name, more: entry.more }));

export const projectionRow = (projection: Projection): Item => ({ ...keys.projection(projection.productId), ...projection });

/**
 * The projection and all that follows from it, bound to the projection that was read: 1 + 32 words that go + 32 that come + 2
 * counts at most.
 */
export const projectionOps = (before: Projection | undefined, after: Projection): WriteOp[] => [
  before === undefined
    ? insert(products, projectionRow(after))
    : put(products, projectionRow(after), eq('version', before.version)),
  ...wordOps(before, after),
  ...countOps(before?.category ?? '', after),
];

const wordOps = (before: Projection | undefined, after: Projection): WriteOp[] => {
  const standing = new Map((before === undefined ? [] : wordRows(before)).map((row) => [row.sk, row]));
  const wanted = wordRows(after);
  const kept = new Set(wanted.map(({ sk }) => sk));
  return [
    ...[...standing.values()].filter(({ sk }) => !kept.has(sk)).map((row) => remove(products, row)),
    ...wanted.filter((row) => !sameRow(standing.get(row.sk), row)).map((row) => put(products, row)),
  ];
};

const sameRow = (a: Item | undefined, b: Item): boolean => a?.['name'] === b['name'] && a?.['more'] === b['more'];

const countOps = (before: string, { productId, category }: Projection): WriteOp[] => {
  if (before === category) return [];
  const count = (slug: string, by: 1 | -1): WriteOp[] =>
    slug === '' ? [] : [update(products, keys.categoryCount(slug, productId), { add: { count: by } })];
  return [...count(before, -1), ...count(category, 1)];
};
