import process from 'node:process';

import { runJob } from '../run-job.ts';
import { loadConfig } from './config.ts';
import { createTables } from './create-tables.ts';

const config = loadConfig(process.env);
process.exitCode = await runJob('create-tables', config, (job) => createTables(job, config));
