import type { ServiceConfig } from '@plaza/core';

/** Which settings may be shown to whoever reaches the admin port. Of the others it is told whether they are set. */
const SHOWN: Readonly<Record<keyof ServiceConfig, boolean>> = {
  listen: true,
  adminListen: true,
  allowPlaintext: true,
  healthListen: true,
  plaintextAdmin: true,
  tls: false,
  reflection: true,
  logLevel: true,
  namespace: true,
  createTables: true,
  dynamodbEndpoint: true,
  awsRegion: true,
  awsAccessKeyId: false,
  tableNames: true,
  // Both may carry a password, and the collector's address a token.
  redisUrl: false,
  natsUrl: false,
  otlpEndpoint: false,
  natsCredsFile: false,
  natsReplicas: true,
  traceRatio: true,
  signingKey: false,
  verifyKeys: false,
  pageSecret: false,
  crashAt: true,
};

export const settingsOf = (config: Partial<ServiceConfig>): Record<string, string> =>
  Object.fromEntries(
    (Object.keys(SHOWN) as (keyof ServiceConfig)[]).map((name) => {
      const value = config[name];
      if (value === undefined || value === '') return [name, '–'];
      return [name, SHOWN[name] ? (typeof value === 'object' ? JSON.stringify(value) : String(value)) : 'set'];
    }),
  );
