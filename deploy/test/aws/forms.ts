import type { Table } from '@plaza/dynamo';

/** What all descriptions of a table come down to, whoever made them. */
export interface TableForm {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly key: readonly string[];
  readonly indexes: Readonly<Record<string, { readonly key: readonly string[]; readonly projection: string }>>;
  readonly ttl: string;
  readonly stream: string | undefined;
}

/** By hand, and not by way of what makes the others: this is what is declared. */
export const declaredForm = (table: Table): TableForm => ({
  name: table.name,
  attributes: Object.fromEntries(
    ['pk', 'sk', ...Object.values(table.indexes).flatMap(({ pk, sk }) => [pk, sk])].map((name) => [name, 'S']),
  ),
  key: ['pk', 'sk'],
  indexes: Object.fromEntries(
    Object.entries(table.indexes).map(([name, { pk, sk, project }]) => [name, { key: [pk, sk], projection: project }]),
  ),
  ttl: 'expiresAt',
  stream: table.derived ? undefined : 'NEW_AND_OLD_IMAGES',
});

interface KeyElement {
  readonly AttributeName?: string | undefined;
  readonly KeyType?: string | undefined;
}

/** As the API of DynamoDB, and so CloudFormation, describes a table. */
export interface ApiTable {
  readonly TableName?: unknown;
  readonly AttributeDefinitions?:
    | undefined
    | readonly {
        readonly AttributeName?: string | undefined;
        readonly AttributeType?: string | undefined;
      }[];
  readonly KeySchema?: undefined | readonly KeyElement[];
  readonly GlobalSecondaryIndexes?:
    | undefined
    | readonly {
        readonly IndexName?: string | undefined;
        readonly KeySchema?: undefined | readonly KeyElement[];
        readonly Projection?: undefined | { readonly ProjectionType?: string | undefined };
      }[];
  readonly StreamSpecification?: undefined | { readonly StreamViewType?: string | undefined };
}

export const apiForm = (name: string, table: ApiTable, ttl: string): TableForm => ({
  name,
  attributes: Object.fromEntries((table.AttributeDefinitions ?? []).map((one) => [one.AttributeName, one.AttributeType])),
  key: keyOf(table.KeySchema),
  indexes: Object.fromEntries(
    (table.GlobalSecondaryIndexes ?? []).map((index) => [
      index.IndexName,
      { key: keyOf(index.KeySchema), projection: String(index.Projection?.ProjectionType) },
    ]),
  ),
  ttl,
  stream: table.StreamSpecification?.StreamViewType,
});

const keyOf = (schema: readonly KeyElement[] = []): string[] =>
  ['HASH', 'RANGE'].map((type) => String(schema.find(({ KeyType }) => KeyType === type)?.AttributeName));

export interface TerraformTable {
  readonly name: string;
  readonly hash_key: string;
  readonly range_key: string;
  readonly attribute: readonly { readonly name: string; readonly type: string }[];
  readonly global_secondary_index?: readonly {
    readonly name: string;
    readonly hash_key: string;
    readonly range_key: string;
    readonly projection_type: string;
  }[];
  readonly ttl: readonly { readonly attribute_name: string; readonly enabled: boolean }[];
  readonly stream_enabled: boolean;
  readonly stream_view_type?: string;
}

export const terraformForm = (name: string, table: TerraformTable): TableForm => ({
  name,
  attributes: Object.fromEntries(table.attribute.map((one) => [one.name, one.type])),
  key: [table.hash_key, table.range_key],
  indexes: Object.fromEntries(
    (table.global_secondary_index ?? []).map((index) => [
      index.name,
      { key: [index.hash_key, index.range_key], projection: index.projection_type },
    ]),
  ),
  ttl: table.ttl
    .filter(({ enabled }) => enabled)
    .map(({ attribute_name: attribute }) => attribute)
    .join(),
  stream: table.stream_enabled ? table.stream_view_type : undefined,
});
