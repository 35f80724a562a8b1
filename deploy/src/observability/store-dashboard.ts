import { curves, quantile, quantiles, rate, type Dashboard } from './panel.ts';

/** On-demand prices of us-east-1, dollars for a million units. */
const DOLLARS = { read: 0.125, write: 0.625 } as const;
const A_DAY = 86_400 / 1e6;

const costOf = (kind: 'read' | 'write'): string =>
  `sum(rate(dynamo_consumed_capacity_units{job=~"$job",kind="${kind}"}[$__rate_interval])) * ${Number((DOLLARS[kind] * A_DAY).toPrecision(4))}`;

/** Tables and caches: what they take, how long, and who asks for it. */
export const STORES: Dashboard = {
  uid: 'stores',
  title: 'DynamoDB and Redis',
  rows: [
    {
      title: 'DynamoDB',
      panels: [
        curves('Capacity consumed', 'ops', [
          { expr: rate('dynamo_consumed_capacity_units', 'table, kind'), legend: '{{table}} {{kind}}' },
        ]),
        curves('Cost at this rate, a day', 'currencyUSD', [
          { expr: costOf('read'), legend: 'reads' },
          { expr: costOf('write'), legend: 'writes' },
        ]),
        curves('Who consumes it', 'ops', [
          { expr: `topk(10, ${rate('dynamo_consumed_capacity_units', 'rpc, kind')})`, legend: '{{rpc}} {{kind}}' },
        ]),
        curves('What indexes take', 'ops', [
          {
            expr: rate('dynamo_consumed_capacity_units', 'table, index, kind', 'job=~"$job",index!=""'),
            legend: '{{table}} {{index}} {{kind}}',
          },
        ]),
        curves('Time of a command, slowest of a hundred', 's', [
          {
            expr: `topk(10, ${quantile(0.99, 'dynamo_command_seconds', 'operation, table')})`,
            legend: '{{operation}} {{table}}',
          },
        ]),
        curves('Commands', 'ops', [
          { expr: `topk(10, ${rate('dynamo_command_seconds_count', 'operation, table')})`, legend: '{{operation}} {{table}}' },
        ]),
        curves('Sent again', 'ops', [{ expr: rate('dynamo_retries_total', 'table, kind'), legend: '{{table}} {{kind}}' }], {
          help: 'throttle: too much for a table or one of its partitions. conflict: writers of one row. unknown: no answer.',
        }),
        curves(
          'Writers that met on one row',
          'percentunit',
          [
            {
              expr:
                `${rate('dynamo_retries_total', 'table', 'job=~"$job",kind="conflict"')}` +
                ` / ${rate('dynamo_command_seconds_count', 'table', 'job=~"$job",operation=~"write|transact"')}`,
              legend: '{{table}}',
            },
          ],
          { red: 0.1, help: 'Above a tenth one row is in demand.' },
        ),
        curves('Rows in transactions', 'ops', [
          { expr: `topk(10, ${rate('dynamo_transaction_rows_total', 'rpc, table')})`, legend: '{{rpc}} {{table}}' },
        ]),
        curves('Rows read by queries', 'ops', [
          { expr: `topk(10, ${rate('dynamo_query_rows_total', 'rpc, table, index')})`, legend: '{{rpc}} {{table}} {{index}}' },
        ]),
      ],
    },
    {
      title: 'Redis',
      panels: [
        curves('Hit rate', 'percentunit', [
          {
            expr:
              `${rate('cache_requests_total', 'job, cache', 'job=~"$job",result=~"hit|negative"')}` +
              ` / ${rate('cache_requests_total', 'job, cache', 'job=~"$job",result!="stale"')}`,
            legend: '{{job}} {{cache}}',
          },
        ]),
        curves('Reads that the table had to answer', 'ops', [
          {
            expr: rate('cache_requests_total', 'cache, result', 'job=~"$job",result=~"miss|error|stale"'),
            legend: '{{cache}} {{result}}',
          },
        ]),
        curves('Round trip', 's', quantiles('cache_round_trip_seconds', 'job'), { red: 0.05 }),
        curves('Connected', 'short', [{ expr: 'min by (job) (cache_connected{job=~"$job"})', legend: '{{job}}' }]),
        curves('Round trips without an answer', 'ops', [{ expr: rate('cache_failures_total', 'job'), legend: '{{job}}' }]),
      ],
    },
    {
      title: 'What services remember by themselves',
      panels: [
        curves('Circles and standings, by where they were found', 'ops', [
          { expr: rate('graph_circles_total', 'found'), legend: 'circle {{found}}' },
          { expr: rate('graph_standings_total', 'found'), legend: 'standing {{found}}' },
        ]),
        curves('Looks that one read verifies', 'short', [
          { expr: `${rate('graph_sight_looks_total', 'job')} / ${rate('graph_sight_rounds_total', 'job')}`, legend: '{{job}}' },
        ]),
      ],
    },
  ],
};
