import type { TableDescription } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';

import { defineTable } from '../table.ts';
import { createTableInput } from './create-table.ts';
import { differencesOf } from './inspect-table.ts';

test('a table as it is declared has no differences', () => {
  expect(differencesOf(declared, asMade, 'expiresAt')).toEqual([]);
});

test('whatever is not as declared is told', () => {
  const [state] = asMade.GlobalSecondaryIndexes ?? [];
  const found: TableDescription = {
    KeySchema: keys('id', 'at'),
    GlobalSecondaryIndexes: [
      { ...state, Projection: { ProjectionType: 'KEYS_ONLY' }, IndexStatus: 'CREATING' },
      { IndexName: 'stray', KeySchema: keys('a', 'b') },
    ],
  };
  expect(differencesOf(declared, found, '')).toEqual([
    'its key is id, at, declared pk, sk',
    'index byState holds KEYS_ONLY, declared ALL',
    'index byState is CREATING',
    'index byOwner is missing',
    'index stray is not declared',
    'its TTL attribute is none, declared expiresAt',
  ]);
});

const declared = defineTable({
  name: 'things',
  indexes: { byState: { pk: 'state', sk: 'sk' }, byOwner: { pk: 'owner', sk: 'sk', project: 'KEYS_ONLY' } },
});

const asMade = createTableInput(declared, 'things') as unknown as TableDescription;

const keys = (hash: string, range: string): TableDescription['KeySchema'] => [
  { AttributeName: hash, KeyType: 'HASH' },
  { AttributeName: range, KeyType: 'RANGE' },
];
