import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Action } from '@plaza/dynamo';
import { expect, test } from 'vitest';

import { accessOf, TOPOLOGY } from '../../src/topology.ts';

/**
 * What is too little is found by every test of a service: its connection refuses it. What is too much is found here: an action
 * that no line of the process can take.
 */
test.each(TOPOLOGY)('$name declares no action that its code does not take', ({ name, entry }) => {
  const taken = actionsIn(sourcesOf(entry));
  for (const { table, actions, indexes } of accessOf(name)) {
    expect(actions.filter((action) => !taken.actions.get(table.name)?.has(action))).toEqual([]);
    expect(indexes.filter((index) => !taken.indexes.has(index))).toEqual([]);
    expect(indexes.filter((index) => !(index in table.indexes))).toEqual([]);
  }
});

test('no process has what it owns no table for', () => {
  for (const { name, tables } of TOPOLOGY) expect(new Set(accessOf(name).map(({ table }) => table))).toEqual(new Set(tables));
});

/** What each call means. Those of the libraries stand for all that they do with the table that they are given. */
const MEANINGS: Readonly<Record<string, readonly Action[]>> = {
  get: ['GetItem'],
  batchGet: ['BatchGetItem'],
  query: ['Query'],
  count: ['Query'],
  batchWrite: ['BatchWriteItem'],
  insert: ['PutItem'],
  put: ['PutItem'],
  update: ['UpdateItem'],
  remove: ['DeleteItem'],
  check: ['ConditionCheckItem'],
  requestRow: ['PutItem'],
  once: ['GetItem'],
  createOutboxStore: ['Query', 'BatchWriteItem'],
  createDeadLetterStore: ['PutItem', 'Query', 'GetItem', 'DeleteItem'],
};

/** By which names the services know their tables. */
const TABLES: Readonly<Record<string, string>> = {
  usersTable: 'users',
  products: 'products',
  productTable: 'products',
  orderTable: 'orders',
  graph: 'graph',
  graphTable: 'graph',
  postsTable: 'posts',
  homeFeedTable: 'home_feed',
};

/** A call, whatever comes before the table: a context, a store. */
const CALL = new RegExp(
  `\\b(${Object.keys(MEANINGS).join('|')})\\(\\s*(?:[\\w.]+(?:\\([^)]*\\))?,\\s*)*?(${Object.keys(TABLES).join('|')})\\b`,
  'g',
);

const actionsIn = (sources: readonly string[]) => {
  const actions = new Map<string, Set<Action>>();
  const indexes = new Set<string>();
  for (const source of sources) {
    for (const [, call = '', table = ''] of source.matchAll(CALL)) {
      const name = TABLES[table]!;
      const known = actions.get(name) ?? new Set<Action>();
      actions.set(name, known);
      for (const action of MEANINGS[call]!) known.add(action);
    }
    for (const [, index = ''] of source.matchAll(/index: '(\w+)'/g)) indexes.add(index);
  }
  return { actions, indexes };
};

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** The texts of all files that a process loads from its service. */
const sourcesOf = (entry: string): string[] => {
  const seen = new Map<string, string>();
  const load = (path: string): void => {
    if (seen.has(path) || !existsSync(path)) return;
    const text = readFileSync(path, 'utf8');
    seen.set(path, text);
    for (const [, imported = ''] of text.matchAll(/^(?:import|export)\s+(?!type)[^;]*?from\s+'(\.[^']+)'/gm))
      load(join(dirname(path), imported));
  };
  load(join(root, entry));
  return [...seen.values()];
};
