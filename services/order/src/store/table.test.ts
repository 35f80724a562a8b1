import { newId } from '@plaza/core';
import { expect, test } from 'vitest';

import { dueKey, sagaShard } from './table.ts';

test('due times sort as text as they sort as numbers', () => {
  const times = [0, 9, 10, 999, 1_700_000_000_000, 99_999_999_999_999];
  expect(times.map(dueKey).toSorted()).toEqual(times.map(dueKey));
});

test('orders spread over the four shards', () => {
  const shards = new Set(Array.from({ length: 200 }, () => sagaShard(newId(Date.now() + Math.random() * 1e6))));
  expect([...shards].sort()).toEqual(['SAGA#0', 'SAGA#1', 'SAGA#2', 'SAGA#3']);
});
