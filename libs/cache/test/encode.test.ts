import fc from 'fast-check';
import { expect, test } from 'vitest';

import { decodeJson, encodeJson } from '../src/encode.ts';

test('whatever a domain value may hold comes back as it was', () => {
  const leaf = fc.oneof(
    fc.string(),
    fc.boolean(),
    fc.constant(null),
    fc.double().filter((n) => !Object.is(n, -0)),
    fc.bigInt(),
    fc.date({ noInvalidDate: true }),
    fc.uint8Array(),
  );
  const key = fc.oneof(fc.string(), fc.constantFrom('$bigint', '$date', '$entries', '$', '__proto__'));
  const value = fc.letrec((tie) => ({
    any: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('any')), fc.dictionary(key, tie('any'))),
  })).any;
  fc.assert(
    fc.property(value, (each) => {
      expect(plain(decodeJson(encodeJson(each)))).toEqual(plain(each));
    }),
  );
});

test('undefined leaves no property behind, and keeps its place in a list', () => {
  expect(decodeJson(encodeJson({ a: undefined, b: [1, undefined, 2n] }))).toStrictEqual({ b: [1, undefined, 2n] });
});

test('a function is refused', () => {
  expect(() => encodeJson({ a: () => 1 })).toThrow('cannot be cached');
});

/** fast-check makes dictionaries without a prototype. */
const plain = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object' || value instanceof Date || value instanceof Uint8Array) return value;
  return Object.entries(value).map(([key, part]) => [key, plain(part)]);
};
