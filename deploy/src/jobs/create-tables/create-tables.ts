import { noMetrics } from '@plaza/core';
import { connectDb, inspectTable, type Table } from '@plaza/dynamo';

import { TOPOLOGY } from '../../topology.ts';
import type { Job } from '../run-job.ts';
import type { CreateTablesConfig } from './config.ts';

/** A new table with its indexes takes DynamoDB about a minute. */
const CREATE_MS = 300_000;

/**
 * Creates the tables that are not there, and tells of each whether it is what is declared. One that is not is left as it is: what to
 * do about its rows is for a person to decide. Answers how many are not.
 */
export const createTables = async (job: Job, config: CreateTablesConfig): Promise<number> => {
  const db = connectDb({ ...config, log: job.log, metrics: noMetrics });
  try {
    let wrong = 0;
    for (const table of tablesOf(config)) wrong += (await isAsDeclared(job, config, table, () => create(table))) ? 0 : 1;
    return wrong;
  } finally {
    db.close();
  }
  async function create(table: Table): Promise<void> {
    await db.createTable(job.context(CREATE_MS), table);
  }
};

const isAsDeclared = async (
  job: Job,
  config: CreateTablesConfig,
  table: Table,
  create: () => Promise<void>,
): Promise<boolean> => {
  const inspect = () => inspectTable({ ...config, log: job.log }, job.context(CREATE_MS), table);
  const before = await inspect();
  const { physicalName } = before;
  const fields = { table: table.name, physicalName };
  if (before.status === undefined && config.dryRun) {
    job.log.warn('table.missing', fields);
    return false;
  }
  if (before.status === undefined) {
    await create();
    job.log.info('table.created', fields);
  }
  const { status, differences } = await inspect();
  if (differences.length > 0) job.log.error('table.different', { ...fields, status, differences });
  else job.log.info('table.checked', { ...fields, status });
  return differences.length === 0;
};

const tablesOf = ({ tables }: CreateTablesConfig): Table[] => {
  const all = new Map(TOPOLOGY.flatMap((process) => process.tables.map((table) => [table.name, table])));
  return tables.map((name) => all.get(name)!);
};
