import type { Item, Value } from '../item.ts';

/** DynamoDB's limit of one row. */
const MAX_ITEM_BYTES = 400 * 1024;

/** The row as DynamoDB would give it back: a copy without undefined attributes, safe bigints as numbers. Throws on what it refuses. */
export const stored = (item: Item): Item => {
  for (const name of ['pk', 'sk'] as const) if (item[name] === '') throw new Error(`${name} is empty`);
  const copy = copyObject(item) as Item;
  if (bytesOf(copy) > MAX_ITEM_BYTES) throw new Error('the row is larger than 400 KB');
  return copy;
};

export const copyOf = (value: Value): Value => {
  if (typeof value === 'number') return assertNumber(value);
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return new Uint8Array(value);
  return isList(value) ? value.map(copyOf) : copyObject(value);
};

const copyObject = (value: { readonly [key: string]: Value | undefined }): { [key: string]: Value } =>
  Object.fromEntries(
    Object.entries(value)
      .filter((entry): entry is [string, Value] => entry[1] !== undefined)
      .map(([key, inner]) => [key, copyOf(inner)]),
  );

const isList = (value: object): value is readonly Value[] => Array.isArray(value);

const assertNumber = (value: number): number => {
  const exact = Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
  if (!exact) throw new Error(`number cannot be stored exactly: ${value}`);
  return value === 0 ? 0 : value;
};

const bytesOf = (value: Value | undefined): number => {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'number' || typeof value === 'bigint') return String(value).length / 2 + 2;
  if (typeof value !== 'object' || value === null) return 1;
  if (value instanceof Uint8Array) return value.length;
  if (isList(value)) return value.reduce<number>((sum, inner) => sum + 1 + bytesOf(inner), 3);
  return Object.entries(value).reduce((sum, [key, inner]) => sum + 1 + Buffer.byteLength(key) + bytesOf(inner), 3);
};

/** Order of DynamoDB within one type: numbers by size, strings and bytes by bytes. Undefined between types and for the rest. */
export const compareValues = (a: Value | undefined, b: Value | undefined): number | undefined => {
  if (isNumber(a) && isNumber(b)) return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  return undefined;
};

const isNumber = (value: unknown): value is number | bigint => typeof value === 'number' || typeof value === 'bigint';

const SURROGATE = /[\ud800-\udfff]/;

/** By UTF-8 bytes, which is the order of UTF-16 units except where surrogates come in. */
export const compareText = (a: string, b: string): number => {
  if (SURROGATE.test(a) || SURROGATE.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : a > b ? 1 : 0;
};

export const sameValue = (a: Value | undefined, b: Value | undefined): boolean => {
  if (a === undefined || b === undefined) return false;
  const order = compareValues(a, b);
  if (order !== undefined) return order === 0;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  if (a instanceof Uint8Array || b instanceof Uint8Array || Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [Object.entries(a), new Map(Object.entries(b))];
  return left.length === right.size && left.every(([key, value]) => sameValue(value as Value, right.get(key) as Value));
};
