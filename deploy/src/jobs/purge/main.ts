import process from 'node:process';

import { systemClock } from '@plaza/core';

import { runJob } from '../run-job.ts';
import { loadConfig } from './config.ts';
import { purgeDeleted } from './purge.ts';

const config = loadConfig(process.env);
process.exitCode = await runJob('purge', config, (job) => purgeDeleted(job, config, systemClock));
