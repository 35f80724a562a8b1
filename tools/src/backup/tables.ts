import { silentLog, type Env } from '@plaza/core';
import { tablesOf, TOPOLOGY } from '@plaza/deploy/src/topology.ts';
import { connectCopier, type Table, type TableCopier } from '@plaza/dynamo';

/** A table of truth, and what copies it. */
export interface OpenTable {
  readonly table: Table;
  readonly copier: TableCopier;
}

/** DynamoDB Local keeps a database per access key, and each service has its own: so each table is reached as its service reaches it. */
export const openTables = (env: Env, endpoint: string | undefined): { all: readonly OpenTable[]; close(): void } => {
  const all = tablesOf()
    .filter(({ derived }) => !derived)
    .map((table) => ({
      table,
      copier: connectCopier({
        dynamodbEndpoint: endpoint,
        awsRegion: env['AWS_REGION'] || 'us-east-1',
        awsAccessKeyId: accessKeyOf(table),
        namespace: env['NAMESPACE'] ?? '',
        tableNames: JSON.parse(env['TABLE_NAMES'] || '{}') as Record<string, string>,
        log: silentLog,
      }),
    }));
  return { all, close: () => all.forEach(({ copier }) => copier.close()) };
};

const accessKeyOf = (table: Table): string => {
  const owner = TOPOLOGY.find(({ tables }) => tables.includes(table))!;
  return owner.service.replaceAll('-', '');
};
