import type { Table } from '@plaza/dynamo';

import type { Role } from './permissions.ts';

const text = (description: string, fallback?: string | null) => ({
  type: 'string',
  description,
  ...(fallback !== undefined && { default: fallback }),
});

/** The module's face: what it is given, what it works out, what it gives. */
export const terraformModule = (tables: readonly Table[], roles: readonly Role[]) => ({
  terraform: { required_version: '>= 1.6', required_providers: { aws: { source: 'hashicorp/aws', version: '>= 5.80' } } },
  variable: {
    environment: text('Tag of all that is made, and part of its name.', 'production'),
    namespace: text('NAMESPACE of the services: prefix of the tables with a dash behind it. Empty for none.', ''),
    billing_mode: {
      ...text('PAY_PER_REQUEST or PROVISIONED.', 'PAY_PER_REQUEST'),
      validation: [
        {
          condition: '${contains(["PAY_PER_REQUEST", "PROVISIONED"], var.billing_mode)}',
          error_message: 'On demand or provisioned.',
        },
      ],
    },
    kms_key_arn: text("Customer's key of this region. Null: the keys that AWS manages.", null),
    replicas: {
      type: 'map(string)',
      description: "Other regions that hold the tables too, each with its customer's key, or null.",
      default: {},
    },
    table_suffix: text('Of the tables that were restored, with its dash: -20261129. Empty: the tables as they were made.', ''),
    kubernetes_namespace: text('Where the service accounts are.', 'plaza'),
    oidc_provider: text('The cluster’s issuer without https://. Null: the roles are for EKS Pod Identity.', null),
    cache_subnet_ids: { type: 'list(string)', description: 'Private subnets in two zones or more.' },
    cache_security_group_ids: { type: 'list(string)', description: 'They let the pods in, on port 6379.' },
    cache_node_type: text('Size of each node of the cache.', 'cache.r7g.large'),
    redis_secret_prefix: text('Secrets Manager holds the password of each user by this name and the user’s.', 'plaza/redis/'),
    alarm_topic_arn: text('The SNS topic that wakes somebody.'),
  },
  data: { aws_region: { here: {} }, aws_caller_identity: { self: {} }, aws_partition: { here: {} } },
  locals: {
    prefix: '${var.namespace == "" ? "" : "${var.namespace}-"}',
    provisioned: '${var.billing_mode == "PROVISIONED" ? 1 : 0}',
    region: '${data.aws_region.here.name}',
    account: '${data.aws_caller_identity.self.account_id}',
    partition: '${data.aws_partition.here.partition}',
    tables_arn: 'arn:${local.partition}:dynamodb:${local.region}:${local.account}:table/',
    replica_regions: '${sort(keys(var.replicas))}',
  },
  output: {
    table_names: { value: Object.fromEntries(tables.map(({ name }) => [name, `\${aws_dynamodb_table.${name}.name}`])) },
    table_arns: { value: Object.fromEntries(tables.map(({ name }) => [name, `\${aws_dynamodb_table.${name}.arn}`])) },
    stream_arns: {
      value: Object.fromEntries(
        tables.filter(({ derived }) => !derived).map(({ name }) => [name, `\${aws_dynamodb_table.${name}.stream_arn}`]),
      ),
    },
    role_arns: { value: Object.fromEntries(roles.map(({ name }) => [name, `\${aws_iam_role.${name}.arn}`])) },
    cache_endpoint: { value: '${aws_elasticache_replication_group.cache.primary_endpoint_address}' },
  },
});
