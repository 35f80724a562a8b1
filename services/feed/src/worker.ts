import process from 'node:process';

import { armCrashPoint } from '@plaza/core';
import { startTelemetry } from '@plaza/rpc';

import { loadConfig } from './config.ts';
import { createWorker } from './worker-app.ts';

const config = loadConfig(process.env);
armCrashPoint(config.crashAt);
const telemetry = await startTelemetry(config, 'feed-worker');
const worker = await createWorker(config);

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => void worker.close().then(() => telemetry.close()));
