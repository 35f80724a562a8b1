import process from 'node:process';

import { runJob } from '../run-job.ts';
import { loadConfig } from './config.ts';
import { runImport } from './import.ts';

const config = loadConfig(process.env);
process.exitCode = await runJob('import', config, (job) => runImport(job, config));
