import { readFileSync, writeFileSync } from 'node:fs';

import { LeaderboardServiceDefinition } from '@plaza/proto/plaza/user/v1/leaderboard_service';
import { SessionServiceDefinition } from '@plaza/proto/plaza/user/v1/session_service';
import { UserServiceDefinition } from '@plaza/proto/plaza/user/v1/user_service';
import { WalletServiceDefinition } from '@plaza/proto/plaza/user/v1/wallet_service';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { scenariosOf, type Scenario } from './capacity-scenarios.ts';
import { startService, type Service } from './service.ts';

// What each RPC consumes in its ordinary case, with nothing cached, as DynamoDB itself reports it. The table in the README is the
// budget: whoever changes a store sees here what it costs. CAPACITY=write writes the table anew.
let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const README = new URL('../README.md', import.meta.url);
const BLOCK = /(<!-- capacity -->\n)([^]*?)(\n<!-- \/capacity -->)/;
/** A try that was repeated, on a busy machine, consumed more: the least of some tries is what the RPC needs. */
const TRIES = 3;

test('every RPC consumes what the README says', { timeout: 120_000 }, async () => {
  const rows: string[] = [];
  const scenarios = scenariosOf(service);
  expect(Object.keys(scenarios)).toEqual(RPCS);
  for (const rpc of RPCS) rows.push(rowOf(rpc, await leastOf(rpc, scenarios[rpc]!)));
  const table = [HEAD, ...rows].join('\n');

  const text = readFileSync(README, 'utf8');
  const written = text.replace(BLOCK, (_, begin, __, end) => `${begin}${table}${end}`);
  if (process.env['CAPACITY'] === 'write') writeFileSync(README, written);
  // A difference is a budget that is exceeded, or a table that is out of date.
  expect(cells(table)).toEqual(cells(readFileSync(README, 'utf8')));
});

const RPCS = [UserServiceDefinition, SessionServiceDefinition, WalletServiceDefinition, LeaderboardServiceDefinition].flatMap(
  ({ name, methods }) => Object.values(methods).map((method) => `${name}/${method.name}`),
);

/** Units by `kind index`, index empty for the table itself. */
type Units = Readonly<Record<string, number>>;

const leastOf = async (rpc: string, scenario: Scenario): Promise<Units> => {
  const tries: Units[] = [];
  for (let i = 0; i < TRIES; i++) {
    const call = await scenario();
    const before = await unitsOf(rpc);
    await call();
    const after = await unitsOf(rpc);
    tries.push(Object.fromEntries(Object.entries(after).map(([place, units]) => [place, units - (before[place] ?? 0)])));
  }
  return tries.reduce((least, units) => (sum(units) < sum(least) ? units : least));
};

const sum = (units: Units): number => Object.values(units).reduce((total, some) => total + some, 0);

const unitsOf = async (rpc: string): Promise<Units> => {
  const text = await (await fetch(`http://127.0.0.1:${service.app.adminPort}/metrics`)).text();
  const lines = text.matchAll(/^dynamo_(consumed_capacity_units|transaction_rows_total)\{(.*)\} (\S+)$/gm);
  const units: Record<string, number> = {};
  for (const [, metric, labels = '', value] of lines) {
    const label = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(labels)?.[1] ?? '';
    if (label('rpc') !== `plaza.user.v1.${rpc}`) continue;
    const place = metric === 'transaction_rows_total' ? 'rows' : `${label('kind')} ${label('index')}`;
    units[place] = Number(value);
  }
  return units;
};

const HEAD = [
  '| RPC | read `users` | read `byState` | rows in transactions | write `users` | write `byState` |',
  '| --- | --: | --: | --: | --: | --: |',
].join('\n');

const PLACES = ['read ', 'read byState', 'rows', 'write ', 'write byState'];

const rowOf = (rpc: string, units: Units): string => `| \`${rpc}\` | ${PLACES.map((place) => units[place] || '').join(' | ')} |`;

/** The table without its layout, which the formatter changes, and without the text around it. */
const cells = (table: string): string[][] =>
  table
    .split('\n')
    .filter((line) => /^\| `\w+Service\/\w+` +\|/.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()));
