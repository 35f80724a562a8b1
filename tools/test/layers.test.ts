import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

// One line each: where the forbidden import is planted, and what it imports.
const FORBIDDEN: readonly (readonly [file: string, module: string])[] = [
  ['libs/core/src/planted.ts', '@plaza/rpc'],
  ['libs/core/src/planted.ts', 'pino'],
  ['libs/core/src/planted.ts', '@opentelemetry/sdk-trace'],
  ['libs/proto/src/planted.ts', '@plaza/core'],
  ['libs/rpc/src/planted.ts', '@plaza/dynamo'],
  ['libs/rpc/src/planted.ts', 'ioredis'],
  ['libs/dynamo/src/planted.ts', '@plaza/events'],
  ['libs/dynamo/src/planted.ts', '@grpc/grpc-js'],
  ['libs/dynamo/src/planted.ts', '@opentelemetry/api'],
  ['libs/cache/src/planted.ts', '@plaza/dynamo'],
  ['libs/cache/src/planted.ts', '@aws-sdk/client-dynamodb'],
  ['libs/events/src/planted.ts', '@plaza/dynamo'],
  ['libs/events/src/planted.ts', 'ioredis'],
  ['libs/clients/src/planted.ts', '@plaza/cache'],
  ['libs/clients/src/planted.ts', '@plaza/testing'],
  ['services/order/src/domain/planted.ts', '@plaza/dynamo'],
  ['services/order/src/domain/planted.ts', '@plaza/proto/plaza/order/v1/events'],
  ['services/order/src/domain/planted.ts', 'node:crypto'],
  ['services/order/src/domain/planted.ts', '../store/order-store.ts'],
  ['services/order/src/store/planted.ts', '@plaza/clients'],
  ['services/order/src/store/planted.ts', '@plaza/proto/plaza/order/v1/order_service'],
  ['services/order/src/store/planted.ts', '../handlers/get-order.ts'],
  ['services/order/src/handlers/planted.ts', '@plaza/dynamo'],
  ['services/order/src/handlers/planted.ts', '@plaza/cache'],
  ['services/order/src/handlers/planted.ts', './get-order.ts'],
  ['services/feed/src/consumers/planted.ts', '@plaza/cache'],
  ['services/order/src/saga/planted.ts', '@plaza/dynamo'],
  ['services/order/src/payments/planted.ts', '@plaza/dynamo'],
  ['services/order/src/planted.ts', '@plaza/product'],
  ['services/order/src/planted.ts', '../../user/src/app.ts'],
  ['services/order/src/planted.ts', 'nats'],
  ['services/order/src/planted.ts', '@opentelemetry/sdk-trace'],
  ['services/order/src/planted.ts', '@plaza/testing'],
  ['deploy/src/planted.ts', '@plaza/order'],
  ['deploy/src/planted.ts', '@plaza/order/main'],
];

let house: string;
beforeAll(() => {
  house = mkdtempSync(join(tmpdir(), 'plaza-layers-'));
  cpSync(join(ROOT, '.oxlintrc.json'), join(house, '.oxlintrc.json'));
});
afterAll(() => rmSync(house, { recursive: true }));

test.each(FORBIDDEN)('%s may not import %s', (file, module) => {
  expect(lint(file, `export * from '${module}';\n`)).toContain('no-restricted-imports');
});

test('what the layers allow passes', () => {
  expect(
    lint('deploy/src/allowed.ts', "export * from '@plaza/order/metrics';\nexport * from '@plaza/order/config';\n"),
  ).not.toContain('no-restricted');
  expect(lint('libs/core/src/allowed.ts', "export * from '@opentelemetry/api';\n")).not.toContain('no-restricted');
  expect(
    lint('services/order/src/store/allowed.ts', "export * from '@plaza/dynamo';\nexport * from '../domain/order.ts';\n"),
  ).not.toContain('no-restricted');
  expect(
    lint('services/order/src/domain/allowed.ts', "export * from '@plaza/core';\nexport * from './errors.ts';\n"),
  ).not.toContain('no-restricted');
});

test('domain code may not read the clock or roll dice', () => {
  expect(lint('services/order/src/domain/clock.ts', 'export const now = () => Date.now();\n')).toContain(
    'no-restricted-properties',
  );
  expect(lint('services/order/src/domain/dice.ts', 'export const dice = () => Math.random();\n')).toContain(
    'no-restricted-properties',
  );
});

test('only main.ts and worker.ts read the environment', () => {
  const line = 'export const home = process.env.HOME;\n';
  expect(lint('services/order/src/app.ts', line)).toContain('no-process-env');
  expect(lint('services/order/src/main.ts', line)).not.toContain('no-process-env');
});

const lint = (file: string, source: string): string => {
  const path = join(house, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, source);
  try {
    return execFileSync(join(ROOT, 'node_modules/.bin/oxlint'), [file], { cwd: house, encoding: 'utf8' });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  } finally {
    rmSync(path);
  }
};
