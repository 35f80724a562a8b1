import type { Access, Action, Table } from '@plaza/dynamo';

import { accessOf, tablesOf, TOPOLOGY } from '../topology.ts';
import { CACHE } from './cache-settings.ts';
import { factsOf, type Metric, type Namespace } from './metrics.ts';

/** A value of a dimension; table names get the namespace's prefix, and a node's number its group's name. */
export type Dimension =
  | { readonly name: 'TableName'; readonly table: string }
  | { readonly name: 'CacheClusterId'; readonly node: number }
  | { readonly name: 'Operation' | 'GlobalSecondaryIndexName'; readonly value: string }
  | { readonly name: 'ReceivingRegion'; readonly region: 'Second' | 'Third' };

/** One CloudWatch alarm, declared once. It rings when the statistic is above `above` for `minutes` minutes, each time that it is told. */
export interface Alarm {
  readonly name: string;
  readonly namespace: Namespace;
  readonly metric: Metric;
  readonly statistic: 'Sum' | 'Average' | 'Maximum';
  /** Each list is a series; several are added up. */
  readonly series: readonly (readonly Dimension[])[];
  readonly above: number;
  readonly minutes: number;
  /** One sentence for who is woken by it. */
  readonly summary: string;
  /** File below docs/runbooks/, without `.md`. */
  readonly runbook: string;
}

/** Seconds of one evaluation: as often as the metric is told. */
export const periodOf = ({ namespace, metric }: Alarm): number => factsOf(namespace, metric)!.everyS;
export const evaluationsOf = (alarm: Alarm): number => (alarm.minutes * 60) / periodOf(alarm);

export const alarms = (): readonly Alarm[] => [
  ...tablesOf().flatMap(tableAlarms),
  ...account(),
  ...Array.from({ length: CACHE.nodes }, (_, node) => cacheAlarms(node + 1)).flat(),
];

const tableAlarms = (table: Table): Alarm[] => [
  ...throttles(table.name),
  ...Object.keys(table.indexes).flatMap((index) => throttles(table.name, index)),
  {
    name: `${table.name}-system-errors`,
    namespace: 'AWS/DynamoDB',
    metric: 'SystemErrors',
    statistic: 'Sum',
    // Kept by operation alone: all that are used are added up.
    series: operationsOn(table).map((value) => [of(table.name), { name: 'Operation' as const, value }]),
    above: 5,
    minutes: 3,
    summary: `DynamoDB itself fails on ${table.name}.`,
    runbook: 'throttling',
  },
  ...(['GetItem', 'TransactWriteItems'] as const)
    .filter((operation) => operationsOn(table).includes(operation))
    .map((value): Alarm => ({
      name: `${table.name}-${value}-latency`,
      namespace: 'AWS/DynamoDB',
      metric: 'SuccessfulRequestLatency',
      statistic: 'Average',
      series: [[of(table.name), { name: 'Operation', value }]],
      // Some four times what they take in peace.
      above: value === 'GetItem' ? 20 : 60,
      minutes: 5,
      summary: `${value} on ${table.name} takes several times as long as it should.`,
      runbook: 'hot-key',
    })),
  {
    name: `${table.name}-conflicts`,
    namespace: 'AWS/DynamoDB',
    metric: 'TransactionConflict',
    statistic: 'Sum',
    series: [[of(table.name)]],
    above: 600,
    minutes: 5,
    summary: `Transactions on ${table.name} lose more than ten races a second: something is written by all.`,
    runbook: 'hot-key',
  },
  ...(table.derived ? [] : (['Second', 'Third'] as const).map((region) => replication(table.name, region))),
];

const throttles = (table: string, index?: string): Alarm[] =>
  (['ReadThrottleEvents', 'WriteThrottleEvents'] as const).map((metric) => ({
    name: [table, index, metric === 'ReadThrottleEvents' ? 'reads' : 'writes', 'throttled'].filter(Boolean).join('-'),
    namespace: 'AWS/DynamoDB',
    metric,
    statistic: 'Sum',
    series: [[of(table), ...(index === undefined ? [] : [{ name: 'GlobalSecondaryIndexName' as const, value: index }])]],
    above: 10,
    minutes: 3,
    summary: `DynamoDB refuses ${metric === 'ReadThrottleEvents' ? 'reads' : 'writes'} of ${[table, index].filter(Boolean).join('/')}.`,
    runbook: 'throttling',
  }));

const replication = (table: string, region: 'Second' | 'Third'): Alarm => ({
  name: `${table}-replication-${region.toLowerCase()}`,
  namespace: 'AWS/DynamoDB',
  metric: 'ReplicationLatency',
  statistic: 'Maximum',
  series: [[of(table), { name: 'ReceivingRegion', region }]],
  above: 30_000,
  minutes: 5,
  summary: `What is written to ${table} takes more than 30 s to the other region; a failover would lose as much.`,
  runbook: 'region-failover',
});

const account = (): Alarm[] => [
  {
    name: 'user-errors',
    namespace: 'AWS/DynamoDB',
    metric: 'UserErrors',
    statistic: 'Sum',
    series: [[]],
    // A transaction that was cancelled is one too: a repeated call, a race that was lost. A policy that lacks something is all calls.
    above: 6_000,
    minutes: 5,
    summary:
      'DynamoDB refuses a hundred requests a second as wrong, forbidden or outrun: a release or a policy may not fit the other.',
    runbook: 'throttling',
  },
  ...(['Read', 'Write'] as const).map((kind): Alarm => ({
    name: `account-${kind.toLowerCase()}-capacity`,
    namespace: 'AWS/DynamoDB',
    metric: `AccountProvisioned${kind}CapacityUtilization`,
    statistic: 'Maximum',
    series: [[]],
    above: 80,
    minutes: 5,
    summary: `The account's ${kind.toLowerCase()} capacity is nearly used up: tables cannot scale any more.`,
    runbook: 'throttling',
  })),
];

const cacheAlarms = (node: number): Alarm[] =>
  (
    [
      ['EngineCPUUtilization', 'Average', 80, 5, 'is busy: commands soon take longer than the 50 ms that services wait.'],
      ['DatabaseMemoryUsagePercentage', 'Maximum', 90, 5, 'is nearly full.'],
      ['Evictions', 'Sum', 6000, 10, 'throws away a hundred keys a second: what is in use does not fit.'],
      ['CurrConnections', 'Maximum', 5000, 5, 'has more connections than all pods should make.'],
      ['ReplicationLag', 'Maximum', 5, 5, 'is seconds behind its primary.'],
      ['AuthenticationFailures', 'Sum', 0, 1, 'was given a wrong password.'],
      ['CommandAuthorizationFailures', 'Sum', 0, 1, 'was sent a command that its user may not give.'],
      ['KeyAuthorizationFailures', 'Sum', 0, 1, 'was asked for a key that its user may not touch.'],
    ] as const
  ).map(([metric, statistic, above, minutes, what]) => ({
    name: `cache-${node}-${metric}`,
    namespace: 'AWS/ElastiCache',
    metric,
    statistic,
    series: [[{ name: 'CacheClusterId', node }]],
    above,
    minutes,
    summary: `Node ${node} of the cache ${what}`,
    runbook: 'redis-lost',
  }));

const of = (table: string): Dimension => ({ name: 'TableName', table });

/** Operations as metrics name them: those of a transaction count as one of their own. */
const operationsOn = (table: Table): string[] => {
  const access: Access = TOPOLOGY.flatMap(({ name }) => accessOf(name)).filter((one) => one.table === table);
  const actions = new Set<Action>(access.flatMap((one) => one.actions));
  const plain = [...actions].filter((action) => action !== 'ConditionCheckItem');
  return [...plain, 'TransactWriteItems'].toSorted();
};
