import { relative } from 'node:path';

import type { Engines } from '@plaza/testing';

import type { Fleet } from './fleet.ts';

/** What runs where, a line each. */
export const whereTable = ({ processes }: Fleet, engines: Engines): string[] => {
  const rows = [
    ['process', 'address', 'admin', 'pid', 'log'],
    ...processes.map(({ name, process, logFile }) => [
      name,
      `127.0.0.1:${process.port}`,
      `http://127.0.0.1:${process.adminPort}/metrics`,
      String(process.pid),
      relative('.', logFile),
    ]),
    ...(['dynamodb', 'redis', 'nats'] as const).map((name) => {
      const own = engines.started.find((engine) => engine.name === name);
      return [name, own?.url ?? givenUrl(engines, name), '', own ? String(own.pid || 'container') : 'not ours', ''];
    }),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ')}`.trimEnd());
};

const givenUrl = (engines: Engines, name: 'dynamodb' | 'redis' | 'nats'): string =>
  ({ dynamodb: engines.dynamodbEndpoint, redis: engines.redisUrl, nats: engines.natsUrl })[name];
