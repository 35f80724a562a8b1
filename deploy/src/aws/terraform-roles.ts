import type { Role } from './permissions.ts';
import { statementsOf, type Writing } from './policy.ts';

const WRITING: Writing<string> = {
  resource: (table, part) => `\${local.tables_arn}\${local.prefix}${table}\${var.table_suffix}${part}`,
  key: '${var.kms_key_arn}',
  viaService: 'dynamodb.${local.region}.amazonaws.com',
};

/** In blocks, as `aws_iam_policy_document` wants a statement. */
const block = ({ Sid, Action, Resource }: { Sid: string; Action: readonly string[]; Resource: readonly string[] }) => ({
  sid: Sid,
  actions: Action,
  resources: Resource,
});

export const terraformRoles = (roles: readonly Role[]) => ({
  data: {
    aws_iam_policy_document: Object.fromEntries(
      roles.flatMap((role) => [
        [role.name, permissions(role)],
        [`${role.name}-trust`, trust(role.name)],
      ]),
    ),
  },
  resource: {
    aws_iam_role: Object.fromEntries(
      roles.map(({ name }) => [
        name,
        {
          name: `plaza-\${var.environment}-${name}`,
          assume_role_policy: `\${data.aws_iam_policy_document.${name}-trust.json}`,
          tags: { application: 'plaza', environment: '${var.environment}' },
        },
      ]),
    ),
    aws_iam_role_policy: Object.fromEntries(
      roles.map(({ name }) => [
        name,
        { name: 'dynamodb', role: `\${aws_iam_role.${name}.id}`, policy: `\${data.aws_iam_policy_document.${name}.json}` },
      ]),
    ),
  },
});

const permissions = (role: Role) => {
  const { tables, key } = statementsOf(role, WRITING);
  const condition = [{ test: 'StringEquals', variable: 'kms:ViaService', values: key.Condition.StringEquals['kms:ViaService'] }];
  return {
    statement: tables.map(block),
    dynamic: {
      statement: { for_each: '${var.kms_key_arn == null ? [] : [1]}', content: [{ ...block(key), condition }] },
    },
  };
};

/** By the service account of the same name (IRSA) if there is an OIDC provider, else by EKS Pod Identity. */
const trust = (name: string) => ({
  dynamic: {
    statement: [
      {
        for_each: '${var.oidc_provider == null ? [] : [var.oidc_provider]}',
        content: [
          {
            actions: ['sts:AssumeRoleWithWebIdentity'],
            principals: [
              {
                type: 'Federated',
                identifiers: ['arn:${local.partition}:iam::${local.account}:oidc-provider/${statement.value}'],
              },
            ],
            condition: [
              { test: 'StringEquals', variable: '${statement.value}:aud', values: ['sts.amazonaws.com'] },
              {
                test: 'StringEquals',
                variable: '${statement.value}:sub',
                values: [`system:serviceaccount:\${var.kubernetes_namespace}:${name}`],
              },
            ],
          },
        ],
      },
      {
        for_each: '${var.oidc_provider == null ? [1] : []}',
        content: [
          {
            actions: ['sts:AssumeRole', 'sts:TagSession'],
            principals: [{ type: 'Service', identifiers: ['pods.eks.amazonaws.com'] }],
            condition: [{ test: 'StringEquals', variable: 'aws:SourceAccount', values: ['${local.account}'] }],
          },
        ],
      },
    ],
  },
});
