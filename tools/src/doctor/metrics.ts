import { spanOf } from '../target/moment.ts';
import { doubtful, ill, type Finding } from './finding.ts';

/** A number of a process that says by itself that something is wrong. */
interface Sign {
  readonly metric: string;
  /** Part of the label set, as it is written; any by default. */
  readonly labels?: string;
  readonly isBad: (value: number, now: number) => boolean;
  readonly kind: 'doubtful' | 'ill';
  readonly says: (value: number, now: number) => string;
  readonly help: string;
}

const DAY_S = 86_400;

const SIGNS: readonly Sign[] = [
  {
    metric: 'order_saga_overdue_seconds',
    isBad: (seconds) => seconds > 60,
    kind: 'ill',
    says: (seconds) => `the oldest unfinished order is ${spanOf(seconds * 1_000)} overdue`,
    help: 'docs/runbooks/stuck-saga.md',
  },
  {
    metric: 'stock_expiry_overdue_seconds',
    isBad: (seconds) => seconds > 60,
    kind: 'ill',
    says: (seconds) => `a reservation should have expired ${spanOf(seconds * 1_000)} ago`,
    help: 'docs/runbooks/stuck-saga.md',
  },
  {
    metric: 'order_stuck_total',
    isBad: (orders) => orders > 0,
    kind: 'doubtful',
    says: (orders) => `${orders} orders could not be finished in ten tries since it started`,
    help: 'docs/runbooks/stuck-saga.md',
  },
  {
    metric: 'product_stock_mismatches_total',
    isBad: (mismatches) => mismatches > 0,
    kind: 'ill',
    says: (mismatches) => `${mismatches} stocks were not what their movements add up to`,
    help: 'docs/runbooks/stuck-saga.md',
  },
  {
    metric: 'feed_audit_inconsistencies_total',
    isBad: (items) => items > 0,
    kind: 'doubtful',
    says: (items) => `its auditor found ${items} items of feeds that were not right`,
    help: 'npm run verify -- --all',
  },
  {
    metric: 'feed_audit_inconsistencies_total',
    labels: 'kind="leaked"',
    isBad: (items) => items > 0,
    kind: 'ill',
    says: (items) => `its auditor found ${items} items in feeds of people who may not see them`,
    help: 'docs/runbooks/leaked-post.md',
  },
  {
    metric: 'tls_certificate_expires_seconds',
    isBad: (at, now) => at - now / 1_000 < 14 * DAY_S,
    kind: 'doubtful',
    says: (at, now) => `its certificate is good for ${spanOf(at * 1_000 - now)}`,
    help: 'docs/runbooks/certificates.md',
  },
];

/** @param text of /metrics */
export const metricFindings = (process: string, text: string, now = Date.now()): Finding[] =>
  SIGNS.flatMap(({ metric, labels = '', isBad, kind, says, help }) => {
    const bad = valuesOf(text, metric, labels).filter((value) => isBad(value, now));
    if (bad.length === 0) return [];
    const worst = metric.startsWith('tls_') ? Math.min(...bad) : Math.max(...bad);
    return [(kind === 'ill' ? ill : doubtful)(process, says(worst, now), help)];
  });

const valuesOf = (text: string, metric: string, labels: string): number[] =>
  [...text.matchAll(new RegExp(`^${metric}(\\{.*\\})? (\\S+)$`, 'gm'))]
    .filter(([, set = '']) => set.includes(labels))
    .map(([, , value]) => Number(value));
