import { TOPOLOGY } from '../topology.ts';

/** One alert, declared once: Prometheus rules, the Kubernetes PrometheusRule and the runbooks' index are derived from it. */
export interface Alert {
  readonly name: string;
  /** PromQL over metrics that Plaza really has. */
  readonly expr: string;
  /** How long it must hold, as Prometheus writes it: `5m`. */
  readonly for: string;
  readonly severity: 'page' | 'ticket';
  /** One sentence for who is woken by it. */
  readonly summary: string;
  /** File below docs/runbooks/, without `.md`. */
  readonly runbook: string;
}

/** A scrape job is a process. */
export const JOBS = TOPOLOGY.map(({ name }) => name).join('|');

/** Of all calls of a service, 99.9 % end without a failure of ours, and 99 % of the unary ones within a second. */
export const SLO = { failed: 0.001, slow: 0.01, slowSeconds: 1 } as const;

/** Codes that say that we failed. The others are answers: what was asked for is refused, or the caller went away. */
export const FAILURES = 'UNAVAILABLE|INTERNAL|DEADLINE_EXCEEDED|UNKNOWN|DATA_LOSS';

const failed = (window: string): string =>
  `sum by (job) (rate(grpc_server_handled_total{grpc_code=~"${FAILURES}"}[${window}]))` +
  ` / sum by (job) (rate(grpc_server_handled_total[${window}]))`;

// Prometheus 3 writes a whole bound as 1.0, its elders as it came.
const slow = (window: string): string =>
  `1 - sum by (job) (rate(grpc_server_handling_seconds_bucket{grpc_type="unary",le=~"${SLO.slowSeconds}|${SLO.slowSeconds}.0"}[${window}]))` +
  ` / sum by (job) (rate(grpc_server_handling_seconds_count{grpc_type="unary"}[${window}]))`;

/**
 * The budget of 30 days is used up `rate` times as fast as it may be. The long window keeps a single bad minute quiet, the short one ends
 * the alert soon after the trouble (Site Reliability Workbook, chapter 5).
 */
const burns = (rate: number, long: string, short: string): string =>
  [[failed, SLO.failed] as const, [slow, SLO.slow] as const]
    .map(([ratio, budget]) => {
      const most = Number((rate * budget).toFixed(4));
      return `((${ratio(long)}) > ${most} and (${ratio(short)}) > ${most})`;
    })
    .join(' or ');

export const ALERTS: readonly Alert[] = [
  {
    name: 'PlazaErrorBudgetFastBurn',
    // A fiftieth of the month's budget in an hour.
    expr: burns(14.4, '1h', '5m'),
    for: '2m',
    severity: 'page',
    summary: '{{ $labels.job }} fails or is slow so often that the budget of a month is gone in two days.',
    runbook: 'error-budget',
  },
  {
    name: 'PlazaErrorBudgetSlowBurn',
    // A twentieth in six hours.
    expr: burns(6, '6h', '30m'),
    for: '15m',
    severity: 'ticket',
    summary: '{{ $labels.job }} fails or is slow so often that the budget of a month is gone in five days.',
    runbook: 'error-budget',
  },
  {
    name: 'PlazaProcessDown',
    // A cluster forgets the address of a pod that is gone, and with it the series that would say so. One of several pods is the cluster's
    // to mend, not a person's.
    expr: [`max by (job) (up{job=~"${JOBS}"}) == 0`, ...TOPOLOGY.map(({ name }) => `absent(up{job="${name}"})`)].join(' or '),
    for: '3m',
    severity: 'page',
    summary: 'No process of {{ $labels.job }} answers.',
    runbook: 'region-failover',
  },
  {
    name: 'PlazaRegionDown',
    // Who scrapes from inside the region goes down with it: let another region watch this one as well.
    expr: `avg(up{job=~"${JOBS}"}) < 0.5 or absent(up{job=~"${JOBS}"})`,
    for: '3m',
    severity: 'page',
    summary: 'Most processes of the region do not answer.',
    runbook: 'region-failover',
  },
  {
    name: 'PlazaOutboxStuck',
    // Rows go out within milliseconds, and what a process left behind within two seconds.
    expr: 'max by (job) (outbox_oldest_seconds) > 30',
    for: '2m',
    severity: 'page',
    summary: 'Events of {{ $labels.job }} are committed and do not reach the bus.',
    runbook: 'outbox-stuck',
  },
  {
    name: 'PlazaConsumerLag',
    // All processes tell the same number of a durable. A million followers are 2,000 chunks, done in a minute.
    expr: 'max by (durable) (events_consumer_pending) > 1000',
    for: '10m',
    severity: 'ticket',
    summary: '{{ $labels.durable }} does not keep up with its messages.',
    runbook: 'consumer-lag',
  },
  {
    name: 'PlazaFeedStale',
    // The promise: 99 % of rows within 5 s of the post.
    expr: 'histogram_quantile(0.99, sum by (le) (rate(feed_fanout_lag_seconds_bucket[5m]))) > 5',
    for: '10m',
    severity: 'page',
    summary: 'Posts take longer than 5 s to reach the feeds of followers.',
    runbook: 'consumer-lag',
  },
  {
    name: 'PlazaDeadLetters',
    expr: 'sum by (durable) (increase(events_dead_total[15m])) > 0',
    for: '0m',
    severity: 'ticket',
    summary: '{{ $labels.durable }} gave up on a message.',
    runbook: 'dead-letters',
  },
  {
    name: 'PlazaHotKey',
    // Conflicts are of writers of one row, or of one transaction's rows: one write in ten that must be sent again is a row in demand.
    expr:
      'sum by (table) (rate(dynamo_retries_total{kind="conflict"}[5m]))' +
      ' > 0.1 * sum by (table) (rate(dynamo_command_seconds_count{operation=~"write|transact"}[5m]))',
    for: '10m',
    severity: 'ticket',
    summary: 'Writers of table {{ $labels.table }} stand in each other’s way: one row is in demand.',
    runbook: 'hot-key',
  },
  {
    name: 'PlazaThrottling',
    expr:
      'sum by (table) (rate(dynamo_retries_total{kind="throttle"}[5m]))' +
      ' > 0.01 * sum by (table) (rate(dynamo_command_seconds_count[5m]))',
    for: '5m',
    severity: 'page',
    summary: 'DynamoDB throttles table {{ $labels.table }}.',
    runbook: 'throttling',
  },
  {
    name: 'PlazaRedisLost',
    expr: 'min by (job) (cache_connected) == 0',
    for: '2m',
    severity: 'ticket',
    summary: '{{ $labels.job }} works without Redis: slower, and the tables pay.',
    runbook: 'redis-lost',
  },
  {
    name: 'PlazaNatsLost',
    expr: 'min by (job) (bus_connected) == 0',
    for: '1m',
    severity: 'page',
    summary: '{{ $labels.job }} has no event bus: events wait, feeds stand still.',
    runbook: 'nats-lost',
  },
  {
    name: 'PlazaSagaStuck',
    // The driver takes what is due within seconds; who waits for five minutes is not getting on.
    expr: 'max(order_saga_overdue_seconds) > 300 or sum(increase(order_stuck_total[1h])) > 0',
    for: '1m',
    severity: 'page',
    summary: 'An order is neither paid nor failed, and does not get on.',
    runbook: 'stuck-saga',
  },
  {
    name: 'PlazaStockMismatch',
    expr: 'sum(increase(product_stock_mismatches_total[1h])) > 0',
    for: '0m',
    severity: 'page',
    summary: 'A recount of stock did not agree with what the product says.',
    runbook: 'stuck-saga',
  },
  {
    name: 'PlazaPostLeaked',
    expr: 'sum(increase(feed_audit_inconsistencies_total{kind="leaked"}[1h])) > 0',
    for: '0m',
    severity: 'page',
    summary: 'The auditor found a post in a feed where it may not be seen.',
    runbook: 'leaked-post',
  },
  {
    name: 'PlazaCostSpike',
    // Below 100 units a second a doubling is cheap: a few dollars a day.
    expr:
      'sum(rate(dynamo_consumed_capacity_units[1h])) > 2 * sum(rate(dynamo_consumed_capacity_units[1h] offset 1d))' +
      ' and sum(rate(dynamo_consumed_capacity_units[1h])) > 100',
    for: '30m',
    severity: 'ticket',
    summary: 'The tables consume twice what they did yesterday at this time.',
    runbook: 'cost-spike',
  },
  {
    name: 'PlazaCertificateExpiring',
    expr: 'min by (job) (tls_certificate_expires_seconds) - time() < 7 * 86400',
    for: '1h',
    severity: 'ticket',
    summary: 'The certificate of {{ $labels.job }} is over in less than a week.',
    runbook: 'certificates',
  },
];
