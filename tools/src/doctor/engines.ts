import { inspectRedis } from '@plaza/cache';
import { backgroundContext, silentLog } from '@plaza/core';
import { TOPOLOGY } from '@plaza/deploy/src/topology.ts';
import { inspectTable } from '@plaza/dynamo';
import { inspectBus, OWNERS, queueName, streamName, type SeenBus, type SeenStream } from '@plaza/events';

import { messageOf, doubtful, ill, well, type Finding } from './finding.ts';
import { busOf } from '../target/bus.ts';
import type { Target } from '../target/target.ts';

const PATIENCE_MS = 5_000;
/** Messages that wait for one consumer: more than these are a queue, not a moment. */
const QUEUE = 1_000;
const FULL = 0.9;

export const lookAtRedis = async ({ engines }: Target): Promise<Finding[]> => {
  const { redisUrl } = engines;
  if (redisUrl === undefined) return [unknown('redis', 'REDIS_URL')];
  try {
    const seen = await inspectRedis(redisUrl, PATIENCE_MS);
    const { version = 'version unknown', policy, maxMemory = 0, usedMemory = 0 } = seen;
    const memory = maxMemory === 0 ? '' : `, ${Math.round((100 * usedMemory) / maxMemory)} % of its memory`;
    const says = `${version} answers in ${seen.roundTripMs.toFixed(1)} ms, ${policy ?? 'policy unknown'}${memory}`;
    if (maxMemory > 0 && policy === 'noeviction' && usedMemory > FULL * maxMemory)
      return [doubtful('redis', `${says}: writes will be refused when it is full`, 'docs/runbooks/redis-lost.md')];
    return [well('redis', says)];
  } catch (error) {
    return [ill('redis', `does not answer at ${hostOf(redisUrl)}: ${messageOf(error)}`, 'docs/runbooks/redis-lost.md')];
  }
};

export const lookAtNats = async (target: Target): Promise<Finding[]> => {
  const { natsUrl = '' } = target.engines;
  const bus = busOf(target);
  if (bus === undefined) return [unknown('nats', 'NATS_URL')];
  try {
    return findingsOf(await inspectBus(bus, PATIENCE_MS));
  } catch (error) {
    return [ill('nats', `does not answer at ${hostOf(natsUrl)}: ${messageOf(error)}`, 'docs/runbooks/nats-lost.md')];
  } finally {
    await bus.close();
  }
};

const findingsOf = ({ version, roundTripMs, streams }: SeenBus): Finding[] => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const says = `${version} answers in ${roundTripMs.toFixed(1)} ms`;
  const server =
    major < 2 || (major === 2 && minor < 12)
      ? doubtful(
          'nats',
          `${says}: it cannot write through at once (sync_interval: always), which a deployment should`,
          'nats-server ≥ 2.12',
        )
      : well('nats', says);
  const missing = [...OWNERS.map((owner) => streamName('', owner)), queueName('')].filter(
    (name) => !streams.some((stream) => stream.name.endsWith(name)),
  );
  return [
    server,
    missing.length === 0
      ? well('streams', `${streams.length}, with ${streams.reduce((sum, { messages }) => sum + messages, 0)} messages`)
      : ill('streams', `${missing.join(', ')} missing: their services make them when they start`, 'docs/runbooks/nats-lost.md'),
    consumersFinding(streams),
  ];
};

const consumersFinding = (streams: readonly SeenStream[]): Finding => {
  const consumers = streams.flatMap((stream) => stream.consumers);
  const queues = consumers.filter(({ waiting }) => waiting > QUEUE);
  const waiting = consumers.reduce((sum, consumer) => sum + consumer.waiting + consumer.inHand, 0);
  if (queues.length === 0) return well('consumers', `${consumers.length}, ${waiting} messages wait or are being handled`);
  const named = queues.map(({ durable, waiting: many }) => `${durable} ${many}`).join(', ');
  return doubtful('consumers', `messages wait: ${named}`, 'docs/runbooks/consumer-lag.md');
};

/** Every declared table, with the access key of its service, for DynamoDB Local keeps a database for each. */
export const lookAtTables = async (
  { engines, namespace, tableNames }: Target,
  region: string | undefined,
): Promise<Finding[]> => {
  const { dynamodbEndpoint } = engines;
  if (dynamodbEndpoint === undefined && region === undefined)
    return [unknown('dynamodb', 'DYNAMODB_ENDPOINT, or AWS_REGION on AWS')];
  const tables = TOPOLOGY.filter(({ name }) => name !== 'feed-worker').flatMap(({ service, tables: own }) =>
    own.map((table) => ({ service, table })),
  );
  return Promise.all(
    tables.map(async ({ service, table }): Promise<Finding> => {
      const what = `table ${table.name}`;
      const ctx = backgroundContext({ method: 'plaza.tools/Doctor', timeoutMs: 2 * PATIENCE_MS });
      const access = {
        dynamodbEndpoint,
        awsRegion: region ?? 'us-east-1',
        namespace,
        tableNames,
        awsAccessKeyId: service.replaceAll('-', ''),
        log: silentLog,
      };
      try {
        const { status, differences, physicalName } = await inspectTable(access, ctx, table);
        if (differences.length === 0 && status === 'ACTIVE') return well(what, `${physicalName} is ACTIVE and as declared`);
        const says = differences.length > 0 ? differences.join(', ') : `it is ${status}`;
        return ill(what, `${physicalName}: ${says}`, 'node deploy/src/jobs/create-tables/main.ts');
      } catch (error) {
        return ill(what, `DynamoDB does not tell: ${messageOf(error)}`, 'docs/runbooks/throttling.md');
      }
    }),
  );
};

const unknown = (what: string, variable: string): Finding =>
  doubtful(what, 'where it is, is not known', `npm start, or set ${variable}`);

/** Without the password that a URL may have. */
const hostOf = (url: string): string => {
  try {
    return new URL(url.split(',')[0] ?? url).host;
  } catch {
    return 'an address that is no URL';
  }
};
