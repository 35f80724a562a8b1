import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Log, Metrics } from '@plaza/core';

import { createDb } from '../create-db.ts';
import type { Db } from '../db.ts';
import type { Faults } from '../faults.ts';
import { limited, type Access } from '../access.ts';
import type { Naming } from '../table.ts';
import { createAwsEngine } from './engine.ts';
import { readNumber } from './failure.ts';

export interface ConnectOptions extends Naming {
  /** Absent on AWS: credentials and endpoint then come from the SDK's default chain, and tables that are made get a stream. */
  readonly dynamodbEndpoint?: string | undefined;
  readonly awsRegion: string;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly faults?: Faults | undefined;
  /** Used with an endpoint only. DynamoDB Local keeps one database per access key. Default `plaza`. */
  readonly awsAccessKeyId?: string | undefined;
  /** All that this process may do, as its IAM policy will have it; whatever else is asked is a defect. Absent: everything. */
  readonly access?: Access | undefined;
}

const SOCKETS = 64;
/** An SDK without `throwOnRequestTimeout` only warns and hangs on a paused peer (measured: still pending after 25 s). */
const TIMEOUTS = { connectionTimeout: 200, requestTimeout: 1000, throwOnRequestTimeout: true };
const BACKOFF = { baseMs: 10, capMs: 500 };

/** Connects to DynamoDB or DynamoDB Local. Lazy: it never fails here. */
export const connectDb = (options: ConnectOptions): Db & { close(): void } => {
  // command.ts repeats, because it knows what may be repeated.
  const client = connectClient(options, 1);
  const documents = DynamoDBDocumentClient.from(client, {
    marshallOptions: { removeUndefinedValues: true },
    unmarshallOptions: { wrapNumbers: readNumber },
  });
  const { namespace, tableNames, metrics, faults, access } = options;
  const naming = { namespace, tableNames };
  const engine = createAwsEngine({ client, documents, naming, streams: !options.dynamodbEndpoint, metrics, inFlight: SOCKETS });
  const db = createDb(engine, { faults, metrics, backoff: BACKOFF });
  return { ...(access ? limited(db, access) : db), close: () => client.destroy() };
};

type ClientOptions = Pick<ConnectOptions, 'dynamodbEndpoint' | 'awsRegion' | 'awsAccessKeyId' | 'log'>;

/** The SDK's client alone, which sends a command `attempts` times. */
export const connectClient = (options: ClientOptions, attempts: number): DynamoDBClient => {
  const agent = { keepAlive: true, maxSockets: SOCKETS };
  return new DynamoDBClient({
    region: options.awsRegion,
    ...(options.dynamodbEndpoint && {
      endpoint: options.dynamodbEndpoint,
      credentials: { accessKeyId: options.awsAccessKeyId ?? 'plaza', secretAccessKey: 'local' },
    }),
    maxAttempts: attempts,
    requestHandler: { ...TIMEOUTS, httpAgent: agent, httpsAgent: agent },
    logger: warningsTo(options.log),
  });
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
