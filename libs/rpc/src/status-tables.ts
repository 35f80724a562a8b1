import { buildInfo, serverHandled, serverSeconds } from './metrics.ts';
import type { Reading, Sample } from './metrics-registry.ts';

export interface StatusTable {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Rows that are left out: the smallest. */
  readonly more: number;
}

/** A table is for people: of hundreds of rows the first say it all. */
const MOST_ROWS = 20;

/** What the metrics of a process say since its start: its RPCs first, then everything else in the words of its declarations. */
export const statusTables = (readings: readonly Reading[]): StatusTable[] => {
  const of = (name: string) => readings.find(({ metric }) => metric.name === name)?.samples ?? [];
  const others = readings.filter(
    ({ metric, samples }) => !metric.name.startsWith('grpc_') && metric !== buildInfo && samples.length > 0,
  );
  return [rpcTable(of(serverHandled.name), of(serverSeconds.name)), plainTable(others), ...others.flatMap(labelledTable)].filter(
    ({ rows }) => rows.length > 0,
  );
};

const rpcTable = (handled: readonly Sample[], seconds: readonly Sample[]): StatusTable => {
  const nameOf = ({ labels }: Sample) => `${labels['grpc_service']}/${labels['grpc_method']}`;
  const methods = [...Map.groupBy(handled, nameOf)].map(([name, samples]) => {
    const calls = sum(samples);
    const refused = samples.filter(({ labels }) => labels['grpc_code'] !== 'OK').toSorted((a, b) => b.value - a.value);
    const codes = refused.map(({ labels, value }) => `${labels['grpc_code']} ${amount(value)}`).join(', ');
    const times = seconds.filter((sample) => nameOf(sample) === name);
    return { calls, cells: [name, amount(calls), codes, quantile(times, 0.5), quantile(times, 0.99)] };
  });
  return cut(
    'Calls',
    ['RPC', 'ended', 'not OK', 'p50', 'p99'],
    methods.toSorted((a, b) => b.calls - a.calls).map(({ cells }) => cells),
  );
};

/** Metrics without labels share one table. */
const plainTable = (readings: readonly Reading[]): StatusTable => {
  const rows = readings.filter(({ metric }) => metric.labels.length === 0);
  return {
    title: 'State',
    head: ['', 'count or value', 'p50', 'p99'],
    rows: rows.map(({ metric, samples }) => [metric.help, ...cellsOf(metric.kind === 'histogram', samples, metric.name)]),
    more: 0,
  };
};

const cellsOf = (isHistogram: boolean, samples: readonly Sample[], name: string): string[] =>
  isHistogram
    ? [
        amount(sum(samples.filter(({ series }) => series.endsWith('_count')))),
        quantile(samples, 0.5, name),
        quantile(samples, 0.99, name),
      ]
    : [amount(sum(samples)), '', ''];

/** The last label across, the others down; each number with its share of the row, which for a cache is its hit rate. What never happened is left out. */
const labelledTable = ({ metric, samples }: Reading): StatusTable[] => {
  const last = metric.labels.at(-1);
  if (last === undefined) return [];
  const down = metric.labels.slice(0, -1);
  const text = (labels: Sample['labels'], names: readonly string[]) => names.map((name) => String(labels[name] ?? '')).join(' ');
  if (metric.kind === 'histogram' || down.length === 0) {
    const groups = [...Map.groupBy(samples, ({ labels }) => text(labels, metric.labels))];
    const isHistogram = metric.kind === 'histogram';
    const head = [metric.labels.join(' '), ...(isHistogram ? ['count', 'p50', 'p99'] : ['value'])];
    const rows = groups
      .map(([name, group]) => ({ size: sizeOf(isHistogram, group), cells: [name, ...cellsOf(isHistogram, group, metric.name)] }))
      .filter(({ size }) => size > 0)
      .toSorted((a, b) => b.size - a.size)
      .map(({ cells }) => cells.slice(0, head.length));
    return [cut(metric.help, head, rows)];
  }
  const across = [...new Set(samples.map(({ labels }) => String(labels[last])))].toSorted();
  const rows = [...Map.groupBy(samples, ({ labels }) => text(labels, down))]
    .map(([name, group]) => ({ name, group, total: sum(group) }))
    .filter(({ total }) => total > 0)
    .toSorted((a, b) => b.total - a.total)
    .map(({ name, group, total }) => [
      name,
      ...across.map((value) =>
        cell(sum(group.filter(({ labels }) => String(labels[last]) === value)), across.length > 1 ? total : 0),
      ),
    ]);
  return [cut(metric.help, [down.join(' '), ...across], rows)];
};

const sizeOf = (isHistogram: boolean, samples: readonly Sample[]): number =>
  sum(isHistogram ? samples.filter(({ series }) => series.endsWith('_count')) : samples);

const cut = (title: string, head: readonly string[], rows: readonly (readonly string[])[]): StatusTable => ({
  title,
  head,
  rows: rows.slice(0, MOST_ROWS),
  more: Math.max(0, rows.length - MOST_ROWS),
});

const sum = (samples: readonly Sample[]): number => samples.reduce((total, { value }) => total + value, 0);

const amount = (value: number): string =>
  new Intl.NumberFormat('en', { maximumFractionDigits: value < 10 ? 2 : 0 }).format(value);

/** With its share of the total, if there is more than one to share it. */
const cell = (value: number, total: number): string => {
  if (value === 0) return '';
  return total === 0 ? amount(value) : `${amount(value)} (${Math.round((100 * value) / total)} %)`;
};

/** The bound of the bucket in which that share of the observations ends: as exact as the buckets are. */
const quantile = (samples: readonly Sample[], part: number, name = 'seconds'): string => {
  const buckets = Map.groupBy(
    samples.filter(({ series }) => series.endsWith('_bucket')),
    ({ labels }) => Number(String(labels['le']).replace('+Inf', 'Infinity')),
  );
  const bounds = [...buckets].map(([bound, group]) => [bound, sum(group)] as const).toSorted(([a], [b]) => a - b);
  const total = bounds.at(-1)?.[1] ?? 0;
  const found = bounds.find(([, below]) => total > 0 && below >= total * part);
  if (!found) return '';
  const [bound] = found;
  if (bound === Infinity) return `> ${bounds.at(-2)?.[0]}${name.endsWith('seconds') ? ' s' : ''}`;
  if (!name.endsWith('seconds')) return `≤ ${bound}`;
  return bound < 1 ? `≤ ${Number((bound * 1000).toFixed(1))} ms` : `≤ ${bound} s`;
};
