import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { roles } from '../../src/aws/permissions.ts';

interface Statement {
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: unknown;
}

const statementsOf = (name: string): readonly Statement[] => {
  const document = readFileSync(new URL(`../../aws/derived/iam/${name}.json`, import.meta.url), 'utf8');
  return (JSON.parse(document) as { Statement: Statement[] }).Statement;
};

const JOBS = ['create-tables', 'backup-export', 'backup-import'];

test.each(roles())('$name may do named actions on named tables', ({ name }) => {
  const statements = statementsOf(name);
  expect(statements.flatMap(({ Action, Resource }) => [...Action, ...Resource]).filter((text) => text.includes('*'))).toEqual([]);
  const [key, ...others] = statements.toReversed();
  // Whoever reads with a key, reads by way of DynamoDB.
  expect(key?.Condition).toEqual({ StringEquals: { 'kms:ViaService': ['dynamodb.${AWS_REGION}.amazonaws.com'] } });
  expect(others.flatMap(({ Action }) => Action).filter((action) => !action.startsWith('dynamodb:'))).toEqual([]);
});

test('no process scans, none makes or deletes a table, and no job writes what it is not there to write', () => {
  const actions = (name: string) => statementsOf(name).flatMap(({ Action }) => Action);
  for (const { name } of roles().filter((role) => !JOBS.includes(role.name)))
    expect(actions(name).filter((action) => /Scan|Table|TimeToLive|PartiQL/.test(action))).toEqual([]);
  expect(actions('backup-export')).toEqual(['dynamodb:Scan', 'kms:Decrypt']);
  expect(actions('backup-import')).toEqual(['dynamodb:BatchWriteItem', 'dynamodb:Scan', 'kms:Decrypt']);
  expect(roles().flatMap(({ name }) => actions(name))).not.toContain('dynamodb:DeleteTable');
});

test('the service of feeds reads and marks them, the worker writes their rows', () => {
  const on = (name: string, table: string) =>
    statementsOf(name).find(({ Resource }) => Resource[0]?.includes(`}${table}$`))?.Action;
  expect(on('feed', 'home_feed')).toEqual(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem']);
  expect(on('feed-worker', 'home_feed')).toContain('dynamodb:BatchWriteItem');
  expect(statementsOf('feed-worker').some(({ Resource }) => Resource.some((path) => path.includes('/index/')))).toBe(false);
});
