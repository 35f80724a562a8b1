import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Log, Metrics } from '@plaza/core';

import { createDb } from '../create-db.ts';
import type { Db } from '../db.ts';
import type { Faults } from '../faults.ts';
import { createAwsEngine } from './engine.ts';
import { readNumber } from './failure.ts';

export interface ConnectOptions {
  /** Absent on AWS: credentials and endpoint then come from the SDK's default chain. */
  readonly dynamodbEndpoint?: string | undefined;
  readonly awsRegion: string;
  /** Prefix of physical table names; empty for none. */
  readonly namespace: string;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly faults?: Faults | undefined;
  /** Used with an endpoint only. DynamoDB Local keeps one database per access key. Default `plaza`. */
  readonly awsAccessKeyId?: string | undefined;
}

const SOCKETS = 64;
/** An SDK without `throwOnRequestTimeout` only warns and hangs on a paused peer (measured: still pending after 25 s). */
const TIMEOUTS = { connectionTimeout: 200, requestTimeout: 1000, throwOnRequestTimeout: true };
const BACKOFF = { baseMs: 10, capMs: 500 };

/** Connects to DynamoDB or DynamoDB Local. Lazy: it never fails here. */
export const connectDb = (options: ConnectOptions): Db & { close(): void } => {
  const agent = { keepAlive: true, maxSockets: SOCKETS };
  const client = new DynamoDBClient({
    region: options.awsRegion,
    ...(options.dynamodbEndpoint && {
      endpoint: options.dynamodbEndpoint,
      credentials: { accessKeyId: options.awsAccessKeyId ?? 'plaza', secretAccessKey: 'local' },
    }),
    // command.ts repeats, because it knows what may be repeated.
    maxAttempts: 1,
    requestHandler: { ...TIMEOUTS, httpAgent: agent, httpsAgent: agent },
    logger: warningsTo(options.log),
  });
  const documents = DynamoDBDocumentClient.from(client, {
    marshallOptions: { removeUndefinedValues: true },
    unmarshallOptions: { wrapNumbers: readNumber },
  });
  const { namespace, metrics, faults } = options;
  const engine = createAwsEngine({ client, documents, namespace, metrics, inFlight: SOCKETS });
  return { ...createDb(engine, { faults, metrics, backoff: BACKOFF }), close: () => client.destroy() };
};

const nothing = () => undefined;

/** The SDK logs every request with its rows, which may be personal: only its warnings pass, as text. */
const warningsTo = (log: Log) => ({
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: (message: unknown) => log.warn('dynamo.warned', { message: String(message).slice(0, 500) }),
  error: nothing,
});
