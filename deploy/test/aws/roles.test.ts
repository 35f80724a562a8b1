import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { roles, type Role } from '../../src/aws/permissions.ts';

test.each(roles())('$name may do the same in CloudFormation, Terraform and the document to read', (role) => {
  const declared = declaredForm(role);
  expect(cloudFormationForm(role.name)).toEqual(declared);
  expect(terraformForm(role.name)).toEqual(declared);
  expect(documentForm(role.name)).toEqual(declared);
});

test.each(roles())('$name is worn by the service account of its name alone, in both forms', ({ name }) => {
  const account = new RegExp(`system:serviceaccount:\\$\\{(KubernetesNamespace|var.kubernetes_namespace)\\}:${name}"`);
  const trusts = [
    stack[`${name.replaceAll(/(^|-)(\w)/g, (_, __, first: string) => first.toUpperCase())}Role`]!.Properties
      .AssumeRolePolicyDocument['Fn::If'],
    module[`${name}-trust`],
  ].map((trust) => JSON.stringify(trust).replaceAll('\\"', '"'));
  for (const trust of trusts) {
    expect(trust).toMatch(account);
    expect(trust.match(/sts:\w+/g)).toEqual(['sts:AssumeRoleWithWebIdentity', 'sts:AssumeRole', 'sts:TagSession']);
    expect(trust.match(/sts\.amazonaws\.com|pods\.eks\.amazonaws\.com|aws:SourceAccount/g)).toHaveLength(3);
  }
});

/** Name of a statement → what it allows, on what. */
type Form = Readonly<Record<string, { readonly actions: readonly string[]; readonly on: readonly string[] }>>;

const declaredForm = ({ permissions, makesTables }: Role): Form => ({
  ...Object.fromEntries(
    permissions.map(({ sid, actions, on }) => [sid, { actions: actions.map((action) => `dynamodb:${action}`).toSorted(), on }]),
  ),
  Key: {
    actions: [...(makesTables ? ['kms:CreateGrant'] : []), 'kms:Decrypt', ...(makesTables ? ['kms:DescribeKey'] : [])],
    on: ['the key, by way of dynamodb..amazonaws.com'],
  },
});

interface Statement {
  readonly Sid: string;
  readonly Action: readonly string[];
  readonly Resource: readonly unknown[];
  readonly Condition?: { readonly StringEquals: Readonly<Record<string, readonly unknown[]>> };
}

/** Without what an installation fills in: the path of a table or index, as it is declared. */
const bare = (arn: string): string => arn.replaceAll(/\$\{[^}]*\}/g, '').replace(/^arn:.*:table\//, '');
const text = (value: unknown): string => (value as { 'Fn::Sub'?: string })['Fn::Sub'] ?? String(value);
/** Of a choice the arm without a namespace. */
const lastArm = (value: unknown): unknown => (value as { 'Fn::If'?: readonly unknown[] })['Fn::If']?.[2] ?? value;

const formOf = (statements: readonly Statement[]): Form =>
  Object.fromEntries(
    statements.map(({ Sid, Action, Resource, Condition }) => {
      const via = Condition?.StringEquals['kms:ViaService']?.map((one) => bare(text(one)));
      const on = via ? [`the key, by way of ${via.join()}`] : Resource.map((one) => bare(text(lastArm(one))));
      return [Sid, { actions: Action, on }];
    }),
  );

const derived = (path: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../aws/derived/${path}`, import.meta.url), 'utf8'));

const documentForm = (name: string): Form => formOf((derived(`iam/${name}.json`) as { Statement: Statement[] }).Statement);

const { Resources: stack } = derived('cloudformation/roles.json') as {
  Resources: Readonly<
    Record<
      string,
      {
        Properties: {
          RoleName: unknown;
          AssumeRolePolicyDocument: { 'Fn::If': readonly unknown[] };
          Policies: readonly [
            { PolicyDocument: { Statement: readonly (Statement | { 'Fn::If': [string, Statement, unknown] })[] } },
          ];
        };
      }
    >
  >;
};

const cloudFormationForm = (name: string): Form => {
  const { Properties } = Object.values(stack).find((one) => text(one.Properties.RoleName) === `plaza-\${Environment}-${name}`)!;
  return formOf(Properties.Policies[0].PolicyDocument.Statement.map((one) => ('Fn::If' in one ? one['Fn::If'][1] : one)));
};

interface Block {
  readonly sid: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly condition?: readonly { readonly variable: string; readonly values: readonly string[] }[];
}

const module = (
  derived('terraform/roles.tf.json') as {
    data: {
      aws_iam_policy_document: Readonly<Record<string, { statement: Block[]; dynamic: { statement: { content: Block[] } } }>>;
    };
  }
).data.aws_iam_policy_document;

const terraformForm = (name: string): Form => {
  const { statement, dynamic } = module[name]!;
  return formOf(
    [...statement, ...dynamic.statement.content].map(({ sid, actions, resources, condition = [] }) => ({
      Sid: sid,
      Action: actions,
      Resource: resources,
      ...(condition.length > 0 && {
        Condition: { StringEquals: Object.fromEntries(condition.map(({ variable, values }) => [variable, values])) },
      }),
    })),
  );
};
