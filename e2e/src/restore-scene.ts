import { execFile } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { PROCESSES, ROOT, startDynamo, startNats, startRedis, type Engine } from '@plaza/testing';

import { startWorld, type World } from './world.ts';

const run = promisify(execFile);

/** All of Plaza on engines of its own, which may be lost, and the command that an operator has. */
export interface RestoreScene {
  readonly world: World;
  /** `npm run backup -- …`; answers what it printed. */
  backup(...args: string[]): Promise<string>;
  stopAll(): Promise<void>;
  startAll(): Promise<void>;
  /** Nothing is left of DynamoDB, Redis and NATS but their addresses. */
  loseEverything(): Promise<void>;
  close(): Promise<void>;
}

export const startRestoreScene = async (): Promise<RestoreScene> => {
  await using opened = new AsyncDisposableStack();
  const [dynamo, nats, redis] = await Promise.all([startDynamo(), startNats(), startRedis()]);
  const engines: Engine[] = [dynamo, nats, redis];
  opened.defer(async () => void (await Promise.all(engines.map((engine) => engine.stop()))));
  const endpoints = { dynamodbEndpoint: dynamo.url, natsUrl: nats.url, redisUrl: redis.url };
  const world = opened.adopt(await startWorld({ engines: endpoints, env: { SHARE_DELAY_S: '1' } }), (it) => it.close());
  const env = { ...process.env, DYNAMODB_ENDPOINT: dynamo.url, NAMESPACE: world.plaza.namespace, TABLE_NAMES: '' };

  const running = opened.move();
  return {
    world,
    backup: async (...args) => (await run(process.execPath, ['tools/src/backup.ts', ...args], { cwd: ROOT, env })).stdout,
    stopAll: async () => void (await Promise.all(PROCESSES.map((name) => world.plaza.process(name).stop()))),
    startAll: async () => {
      await Promise.all(PROCESSES.map((name) => world.plaza.process(name).restart({ CRASH_AT: '' })));
    },
    loseEverything: async () => void (await Promise.all(engines.map((engine) => engine.wipe()))),
    close: () => running.disposeAsync(),
  };
};

/** Replaces one table of a backup by what an older one has of it. */
export const mixIn = (folder: string, older: string, table: string): void => {
  const manifestOf = (of: string) =>
    JSON.parse(readFileSync(join(of, 'manifest.json'), 'utf8')) as { tables: Record<string, unknown> };
  copyFileSync(join(older, `${table}.jsonl`), join(folder, `${table}.jsonl`));
  const { tables } = manifestOf(folder);
  writeFileSync(
    join(folder, 'manifest.json'),
    JSON.stringify({ tables: { ...tables, [table]: manifestOf(older).tables[table] } }),
  );
};
