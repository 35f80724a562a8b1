import { createTableInput, TTL_ATTRIBUTE, type Table } from '@plaza/dynamo';

import { CAPACITY } from './capacity.ts';

/** Terraform works out what is in `${…}`; `provisioned` is 1 or 0. */
const ifProvisioned = (value: number | string) => `\${local.provisioned == 1 ? ${value} : null}`;

export const terraformTables = (tables: readonly Table[]) => ({
  resource: { aws_dynamodb_table: Object.fromEntries(tables.map((table) => [table.name, tableResource(table)])) },
});

const tableResource = (table: Table) => {
  const input = createTableInput(table, '');
  const units = { read_capacity: ifProvisioned(CAPACITY.min), write_capacity: ifProvisioned(CAPACITY.min) };
  const indexes = (input.GlobalSecondaryIndexes ?? []).map((index) => ({
    name: index.IndexName,
    ...keys(index.KeySchema),
    projection_type: index.Projection?.ProjectionType,
    ...units,
  }));
  return {
    name: `\${local.prefix}${table.name}`,
    billing_mode: '${var.billing_mode}',
    ...keys(input.KeySchema),
    ...units,
    attribute: input.AttributeDefinitions?.map((one) => ({ name: one.AttributeName, type: one.AttributeType })),
    ...(indexes.length > 0 && { global_secondary_index: indexes }),
    ttl: [{ attribute_name: TTL_ATTRIBUTE, enabled: true }],
    stream_enabled: !table.derived,
    ...(input.StreamSpecification && { stream_view_type: input.StreamSpecification.StreamViewType }),
    point_in_time_recovery: [{ enabled: !table.derived }],
    deletion_protection_enabled: true,
    server_side_encryption: [{ enabled: true, kms_key_arn: '${var.kms_key_arn}' }],
    ...(!table.derived && {
      dynamic: {
        replica: {
          for_each: '${var.replicas}',
          content: [
            {
              region_name: '${replica.key}',
              kms_key_arn: '${replica.value}',
              point_in_time_recovery: true,
              deletion_protection_enabled: true,
              propagate_tags: true,
            },
          ],
        },
      },
    }),
    tags: { application: 'plaza', environment: '${var.environment}', data: table.derived ? 'derived' : 'truth' },
    lifecycle: [
      // Scaling moves them.
      { prevent_destroy: true, ignore_changes: ['read_capacity', 'write_capacity'] },
    ],
  };
};

const keys = (schema: { AttributeName?: string | undefined; KeyType?: string | undefined }[] | undefined) => ({
  hash_key: schema?.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName,
  range_key: schema?.find(({ KeyType }) => KeyType === 'RANGE')?.AttributeName,
});

/** A target and a policy for reads and writes of each table and each index. */
export const terraformScaling = (tables: readonly Table[]) => {
  const places = tables.flatMap((table) => [
    { id: table.name, path: `table/\${aws_dynamodb_table.${table.name}.name}`, kind: 'table' },
    ...Object.keys(table.indexes).map((index) => ({
      id: `${table.name}_${index}`,
      path: `table/\${aws_dynamodb_table.${table.name}.name}/index/${index}`,
      kind: 'index',
    })),
  ]);
  const all = places.flatMap(({ id, path, kind }) =>
    (['Read', 'Write'] as const).map((way) => ({
      id: `${id}_${way.toLowerCase()}`,
      path,
      dimension: `dynamodb:${kind}:${way}CapacityUnits`,
      metric: `DynamoDB${way}CapacityUtilization`,
    })),
  );
  return {
    resource: {
      aws_appautoscaling_target: Object.fromEntries(
        all.map(({ id, path, dimension }) => [
          id,
          {
            count: '${local.provisioned}',
            service_namespace: 'dynamodb',
            resource_id: path,
            scalable_dimension: dimension,
            min_capacity: CAPACITY.min,
            max_capacity: CAPACITY.max,
          },
        ]),
      ),
      aws_appautoscaling_policy: Object.fromEntries(all.map(({ id, metric }) => [id, scalingPolicy(id, metric)])),
    },
  };
};

const scalingPolicy = (id: string, metric: string) => ({
  count: '${local.provisioned}',
  name: `\${local.prefix}${id}`,
  policy_type: 'TargetTrackingScaling',
  service_namespace: `\${aws_appautoscaling_target.${id}[0].service_namespace}`,
  resource_id: `\${aws_appautoscaling_target.${id}[0].resource_id}`,
  scalable_dimension: `\${aws_appautoscaling_target.${id}[0].scalable_dimension}`,
  target_tracking_scaling_policy_configuration: [
    { target_value: CAPACITY.targetPercent, predefined_metric_specification: [{ predefined_metric_type: metric }] },
  ],
});
