import process from 'node:process';

import { armCrashPoint } from '@plaza/core';
import { startTelemetry } from '@plaza/rpc';

import { createApp } from './app.ts';
import { loadConfig } from './config.ts';

const config = loadConfig(process.env);
armCrashPoint(config.crashAt);
const telemetry = await startTelemetry(config, 'social-graph');
const app = await createApp(config);

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void app.close().then(() => telemetry.close()));
