import process from 'node:process';

import { armCrashPoint } from '@plaza/core';

import { loadConfig } from './config.ts';
import { createWorker } from './worker-app.ts';

const config = loadConfig(process.env);
armCrashPoint(config.crashAt);
const worker = await createWorker(config);

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void worker.close());
