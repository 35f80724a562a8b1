import { readFileSync } from 'node:fs';

import { noMetrics, silentLog } from '@plaza/core';
import { connectDb, describeTable } from '@plaza/dynamo';
import { startEngines, testContext, uniqueNamespace } from '@plaza/testing';
import { expect, test } from 'vitest';

import { tablesOf } from '../../src/topology.ts';
import { apiForm, declaredForm, terraformForm, type ApiTable, type TableForm, type TerraformTable } from './forms.ts';

const tables = tablesOf();
const byName = (forms: readonly TableForm[]) => forms.toSorted((a, b) => (a.name < b.name ? -1 : 1));
const declared = byName(tables.map(declaredForm));

interface GlobalTable {
  readonly Properties: ApiTable & {
    readonly BillingMode: unknown;
    readonly TimeToLiveSpecification: { readonly AttributeName: string };
    readonly Replicas: readonly object[];
  };
}

test('CloudFormation, Terraform and DynamoDB Local have the tables that are declared, and nothing else', async () => {
  const ofStacks = cloudFormation().map(({ name, properties }) =>
    apiForm(name, properties, properties.TimeToLiveSpecification.AttributeName),
  );
  const ofModule = Object.entries(terraform().aws_dynamodb_table).map(([name, table]) => terraformForm(name, table));
  expect(byName(ofStacks)).toEqual(declared);
  expect(byName(ofModule)).toEqual(declared);
  // Nothing replicates it.
  expect(byName(await local())).toEqual(declared.map((form) => ({ ...form, stream: undefined })));
});

test('what is truth can be restored to any second, cannot be deleted and is copied to other regions; what is derived is in one', () => {
  for (const { name, properties } of cloudFormation()) {
    const table = tables.find((one) => one.name === name)!;
    const [here, ...elsewhere] = properties.Replicas;
    expect(here).toMatchObject({
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: !table.derived },
      DeletionProtectionEnabled: true,
    });
    expect(elsewhere).toHaveLength(table.derived ? 0 : 2);
  }
  for (const [name, table] of Object.entries(terraform().aws_dynamodb_table)) {
    const { derived } = tables.find((one) => one.name === name)!;
    expect(table).toMatchObject({ point_in_time_recovery: [{ enabled: !derived }], deletion_protection_enabled: true });
    expect('dynamic' in table).toBe(!derived);
  }
});

test('tables and indexes scale between 5 and 4,000 units by 70 % of use when they are provisioned, in both forms', () => {
  const places = tables.flatMap(({ name, indexes }) => [name, ...Object.keys(indexes).map((index) => `${name}_${index}`)]);
  const limits = { min_capacity: 5, max_capacity: 4000 };
  const { aws_appautoscaling_target: targets, aws_appautoscaling_policy: policies } = terraform();
  expect(Object.keys(targets).toSorted()).toEqual(places.flatMap((place) => [`${place}_read`, `${place}_write`]).toSorted());
  for (const [name, target] of Object.entries(targets)) {
    expect(target).toMatchObject(limits);
    expect(policies[name]).toMatchObject({ target_tracking_scaling_policy_configuration: [{ target_value: 70 }] });
  }
  const scaled = { MinCapacity: 5, MaxCapacity: 4000, TargetTrackingScalingPolicyConfiguration: { TargetValue: 70 } };
  const found = JSON.stringify(cloudFormation()).split(JSON.stringify(scaled)).length - 1;
  // Writes once, reads in each of the regions that a table may be in.
  const expected = tables.map((table) => (1 + Object.keys(table.indexes).length) * (table.derived ? 2 : 4));
  expect(found).toBe(expected.reduce((sum, one) => sum + one));
});

const derivedFile = (path: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../aws/derived/${path}`, import.meta.url), 'utf8'));

const cloudFormation = () =>
  ['tables', 'derived-tables'].flatMap((stack) => {
    const { Resources } = derivedFile(`cloudformation/${stack}.json`) as { Resources: Readonly<Record<string, GlobalTable>> };
    return Object.values(Resources).map(({ Properties }) => ({ name: nameIn(Properties.TableName), properties: Properties }));
  });

/** The name without a namespace: the last arm of the choice. */
const nameIn = (choice: unknown): string => String((choice as { 'Fn::If': readonly unknown[] })['Fn::If'][2]);

const terraform = () => {
  const resources = ['tables', 'scaling'].map(
    (file) => (derivedFile(`terraform/${file}.tf.json`) as { resource: object }).resource,
  );
  return Object.assign({}, ...resources) as {
    aws_dynamodb_table: Readonly<Record<string, TerraformTable>>;
    aws_appautoscaling_target: Readonly<Record<string, object>>;
    aws_appautoscaling_policy: Readonly<Record<string, object>>;
  };
};

const local = async () => {
  const engines = await startEngines();
  const namespace = uniqueNamespace();
  const options = { dynamodbEndpoint: engines.dynamodbEndpoint, awsRegion: 'us-east-1', namespace, log: silentLog };
  const db = connectDb({ ...options, metrics: noMetrics });
  try {
    const ctx = testContext({ timeoutMs: 25_000 });
    return await Promise.all(
      tables.map(async (table) => {
        await db.createTable(ctx, table);
        const { description, ttl } = (await describeTable(options, ctx, table))!;
        expect(description.BillingModeSummary?.BillingMode).toBe('PAY_PER_REQUEST');
        return apiForm(table.name, description, ttl);
      }),
    );
  } finally {
    db.close();
    await engines.close();
  }
};
