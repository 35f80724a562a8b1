import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { newId, noMetrics, silentLog } from '@plaza/core';
import { connectDb, createDeadLetterStore } from '@plaza/dynamo';
import { userUpdated } from '@plaza/events';
import { UserState } from '@plaza/proto/plaza/user/v1/user_service';
import {
  asOperator,
  eventually,
  PROCESSES,
  ROOT,
  startEngines,
  startPlaza,
  testContext,
  tlsFiles,
  uniqueNamespace,
  type Engines,
  type Plaza,
} from '@plaza/testing';
import { usersTable } from '@plaza/user/table';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

vi.setConfig({ testTimeout: 120_000 });

let engines: Engines;
let plaza: Plaza;
beforeAll(async () => {
  engines = await startEngines();
  plaza = await startPlaza({ engines, namespace: uniqueNamespace(), tls: true });
});
afterAll(async () => {
  await plaza?.close();
  await engines?.close();
});

test('npm run call makes any call, as anybody, and tells what a refusal means', async () => {
  const made = await run('call', 'CreateUser', '{"username":"tool.ada","email":"tool.ada@example.com"}');
  expect(made.code).toBe(0);
  const { user } = JSON.parse(made.out) as { user: { userId: string } };
  expect((await run('call', 'GetOutboxStatus', '--address', 'feed')).code).toBe(0);
  const cart = await run('call', 'GetCart', `{"userId":"${user.userId}"}`, '--as', 'user:tool.ada');
  expect(cart.code).toBe(0);
  const again = await run('call', 'CreateUser', '{"username":"tool.ada","email":"other@example.com"}', '--as', 'nobody');
  expect(again.code).toBe(1);
  expect(again.err).toMatch(/^ALREADY_EXISTS USERNAME_TAKEN \(plaza.user\).*\n {2}username = tool.ada\n {2}it means: /);
  expect((await run('call', 'CreateUsr', '{}')).err).toContain('did you mean CreateUser?');
});

test('npm run tail tells what was published, and goes on with what is', async () => {
  const tail = start('tail', '--service', 'user', '--type', 'UserCreated', '--since', '10m', '--json');
  await eventually(() => expect(tail.out()).toContain('"username":"tool.ada"'), { timeoutMs: 20_000 });
  const { user } = await plaza.clients.users.createUser(plaza.asAdmin(), { username: 'tool.bob', email: 'tool.bob@example.com' });
  await eventually(() => expect(tail.out()).toContain(`"aggregateId":"${user!.userId}"`), { timeoutMs: 20_000 });
  tail.child.kill('SIGTERM');
  expect((await tail.ended).code).toBe(0);
});

test('npm run dlq lists a dead letter, hands it to its consumer again, and tells that it was handled', async () => {
  const id = await deadLetter();
  const list = await run('dlq', 'list');
  expect(list.out).toContain('1  user  user-refresh-updated  STORE_UNAVAILABLE');
  expect((await run('dlq', 'show', id)).out).toContain('after 30 tries');
  const redriven = await run('dlq', 'redrive', '--all', '--yes');
  expect(redriven.out).toContain('1 handled, 0 dead again');
  expect(redriven.code).toBe(0);
  expect((await run('dlq', 'list')).out).toBe('no dead letters\n');
  expect((await run('dlq', 'replay', 'user', '--from', '1h')).out).toMatch(/^\d+ events of user since /);
});

test('npm run doctor finds all well, and says which process is not', async () => {
  // What a busy machine is late with is well when it is looked at again.
  const whole = await eventually(
    async () => {
      const looked = await run('doctor');
      expect(looked.out).not.toContain('✗');
      return looked;
    },
    { timeoutMs: 60_000 },
  );
  expect(whole.code).toBe(0);
  for (const what of ['redis', 'nats', 'table home_feed', 'streams', 'feed-worker', 'events of order'])
    expect(whole.out).toContain(` ${what}: `);
  await plaza.process('order').stop();
  const lame = await run('doctor');
  expect(lame.code).toBe(1);
  expect(lame.out).toMatch(/✗ order: does not answer at .*ECONNREFUSED/);
  const untold = await run('dlq', 'redrive', '--all', '--yes');
  expect(untold.code).toBe(1);
  expect(untold.err).toContain('order does not tell its dead letters: UNAVAILABLE');
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const run = (tool: string, ...args: string[]): Promise<Ended> => start(tool, ...args).ended;

const start = (tool: string, ...args: string[]) => {
  const child = spawn(process.execPath, [join(ROOT, `tools/src/${tool}.ts`), ...args], {
    env: env(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (bytes: Buffer) => (said.out += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (said.err += bytes.toString()));
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, ...said })));
  return { child, ended, out: () => said.out };
};

/** As an operator of another Plaza than this machine's has it. */
const env = (): Record<string, string | undefined> => ({
  PATH: process.env['PATH'],
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
  DYNAMODB_ENDPOINT: engines.dynamodbEndpoint,
  NATS_URL: engines.natsUrl,
  ...operatorEnv(),
  NAMESPACE: plaza.namespace,
  SIGNING_KEY: plaza.keys.keyring.signingKeys['user'],
  USER_ADDRESS: plaza.addresses.user,
  PRODUCT_ADDRESS: plaza.addresses.product,
  ORDER_ADDRESS: plaza.addresses.order,
  GRAPH_ADDRESS: plaza.addresses['social-graph'],
  FEED_ADDRESS: plaza.addresses.feed,
  ...Object.fromEntries(
    PROCESSES.map((name) => [`${name.toUpperCase().replaceAll('-', '_')}_ADMIN`, `127.0.0.1:${plaza.process(name).adminPort}`]),
  ),
});

/** An operator's own users and certificate: a tool that oversteps their rights fails here. */
const operatorEnv = () => {
  const { redisUrl, natsCredsFile } = asOperator({ ...engines, namespace: plaza.namespace });
  const { certFile, keyFile, caFile } = tlsFiles(plaza.certificates!, 'operator');
  return {
    REDIS_URL: redisUrl,
    NATS_CREDS_FILE: natsCredsFile,
    TLS_CERT_FILE: certFile,
    TLS_KEY_FILE: keyFile,
    TLS_CA_FILE: caFile,
  };
};

/** As one lies there after an outage that outlasted its 30 tries. */
const deadLetter = async (): Promise<string> => {
  const { users } = await plaza.clients.users.listUsers(plaza.asAdmin(), { state: UserState.ACTIVE });
  const { userId } = users[0]!;
  const eventId = newId();
  const id = `user-refresh-updated/${eventId}`;
  const access = { dynamodbEndpoint: engines.dynamodbEndpoint, awsRegion: 'us-east-1', awsAccessKeyId: 'user' };
  const db = connectDb({ ...access, namespace: plaza.namespace, log: silentLog, metrics: noMetrics });
  await createDeadLetterStore(db, usersTable).put(testContext(), {
    id,
    kind: 'event',
    durable: 'user-refresh-updated',
    subject: userUpdated.subject,
    eventId,
    reason: 'STORE_UNAVAILABLE',
    tries: 30,
    createdAt: Date.now(),
    payload: userUpdated.encode({ userId, mask: ['bio'], username: 'tool.ada', isPrivate: false, updateTime: new Date() }),
    aggregateId: userId,
    version: 1,
    occurredAt: Date.now(),
    trace: '',
  });
  db.close();
  return id;
};
