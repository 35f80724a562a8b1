import process from 'node:process';

import { armCrashPoint } from '@plaza/core';
import { createSigner, startTelemetry } from '@plaza/rpc';

import { createApp } from './app.ts';
import { loadConfig } from './config.ts';

const ADMIN_TOKEN_MS = 12 * 3_600_000;

const config = loadConfig(process.env);
armCrashPoint(config.crashAt);
const telemetry = await startTelemetry(config, 'user');
const app = await createApp(config);

if (config.devAdminToken) {
  const token = createSigner({ issuer: 'user', signingKey: config.signingKey }).adminToken({ ttlMs: ADMIN_TOKEN_MS });
  // Past the log on purpose: a secret belongs into no log, but whoever set the flag wants to see it.
  process.stdout.write(`${JSON.stringify({ event: 'admin_token.printed', token })}\n`);
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void app.close().then(() => telemetry.close()));
