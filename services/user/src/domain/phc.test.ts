import fc from 'fast-check';
import { expect, test } from 'vitest';

import { formatPhc, parsePhc, sameCost } from './phc.ts';

const bytes = (min: number) => fc.uint8Array({ minLength: min, maxLength: 64 });

test('what is written is read again', () => {
  const hashes = fc.record({
    memoryKiB: fc.integer({ min: 8, max: 999_999 }),
    passes: fc.integer({ min: 1, max: 99 }),
    lanes: fc.integer({ min: 1, max: 99 }),
    salt: bytes(8),
    tag: bytes(16),
  });
  fc.assert(
    fc.property(hashes, (hash) => {
      const read = parsePhc(formatPhc(hash))!;
      expect({ ...read, salt: new Uint8Array(read.salt), tag: new Uint8Array(read.tag) }).toEqual(hash);
    }),
  );
});

test('a string of the reference implementation is read', () => {
  expect(parsePhc('$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b/dWRWJTmaaJObG')).toMatchObject({
    memoryKiB: 65_536,
    passes: 2,
    lanes: 1,
    salt: Buffer.from('somesalt'),
  });
});

test.each([
  '',
  'secret',
  '$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b/dWRWJTmaaJObG',
  '$argon2id$v=16$m=19456,t=2,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b/dWRWJTmaaJObG',
  '$argon2id$v=19$m=99999999,t=2,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b/dWRWJTmaaJObG',
  '$argon2id$v=19$m=19456,t=0,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b/dWRWJTmaaJObG',
  '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$short',
])('%s is not one of ours', (text) => {
  expect(parsePhc(text)).toBeUndefined();
});

test('cost is compared part by part', () => {
  const cost = { memoryKiB: 19_456, passes: 2, lanes: 1 };
  expect(sameCost(cost, { ...cost })).toBe(true);
  expect(sameCost(cost, { ...cost, passes: 3 })).toBe(false);
});
