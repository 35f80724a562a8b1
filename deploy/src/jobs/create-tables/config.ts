import { readConfig, type Env } from '@plaza/core';

import { TOPOLOGY } from '../../topology.ts';
import { readLogLevel } from '../job-config.ts';

export interface CreateTablesConfig {
  readonly logLevel: string;
  readonly awsRegion: string;
  /** Absent on AWS. */
  readonly dynamodbEndpoint: string | undefined;
  /** With an endpoint only: DynamoDB Local keeps one database per access key. */
  readonly awsAccessKeyId: string | undefined;
  readonly namespace: string;
  /** Declared name → physical name, for tables that were restored under another. */
  readonly tableNames: Readonly<Record<string, string>>;
  /** Declared names; all of the topology by default. */
  readonly tables: readonly string[];
  /** Looks and tells, and creates nothing. */
  readonly dryRun: boolean;
}

const DECLARED = [...new Set(TOPOLOGY.flatMap(({ tables }) => tables.map(({ name }) => name)))];

export const loadConfig = (env: Env): CreateTablesConfig =>
  readConfig(env, (read) => ({
    logLevel: readLogLevel(read),
    awsRegion: read.text('AWS_REGION', 'us-east-1'),
    dynamodbEndpoint: read.optional('DYNAMODB_ENDPOINT'),
    awsAccessKeyId: read.optional('AWS_ACCESS_KEY_ID'),
    namespace: read.text('NAMESPACE', ''),
    tableNames: read.json('TABLE_NAMES', (value) => value as Record<string, string>, '{}'),
    tables: read.json('TABLES', declared, JSON.stringify(DECLARED)),
    dryRun: read.flag('DRY_RUN'),
  }));

const declared = (value: unknown): string[] => {
  const names = value as string[];
  if (!Array.isArray(value) || !names.every((name) => DECLARED.includes(name)))
    throw new Error(`expected a list of ${DECLARED.join(', ')}`);
  return names;
};
