import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { parser } from '@prometheus-io/lezer-promql';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

import { ALERTS } from '../src/observability/alerts.ts';
import { DASHBOARDS } from '../src/observability/dashboards.ts';
import { observabilityFiles } from '../src/observability/files.ts';
import { METRICS } from '../src/observability/metric-list.ts';
import { TOPOLOGY } from '../src/topology.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const panels = DASHBOARDS.flatMap(({ rows }) => rows.flatMap((row) => row.panels));
const drawn = panels.flatMap(({ queries }) => queries.map(({ expr }) => expr.replaceAll('$__rate_interval', '5m')));
const all = [...ALERTS.map(({ expr }) => expr), ...drawn];

test.each(all)('%s is PromQL over declared metrics and their labels', (expr) => {
  expect(selectors(expr).filter(({ name }) => declaredAs(name) === undefined)).toEqual([]);
  const strange = selectors(expr).flatMap(({ name, labels }) => labels.filter((label) => !labelsOf(name).includes(label)));
  expect(strange).toEqual([]);
  const known = selectors(expr).flatMap(({ name }) => labelsOf(name));
  expect(known).toEqual(expect.arrayContaining(groupings(expr)));
});

test('what is no PromQL, no metric or no label of it is found', () => {
  expect(() => selectors('sum by (job (rate(up[5m]))')).toThrow('no PromQL');
  expect(declaredAs('outbox_oldest')).toBeUndefined();
  expect(declaredAs('events_lag_seconds')).toBeUndefined();
  expect(selectors('sum by (durable) (rate(events_dead_total{cause="x"}[5m]))')).toEqual([
    { name: 'events_dead_total', labels: ['cause'] },
  ]);
  expect(groupings('sum by (durable, job) (up)')).toEqual(['durable', 'job']);
});

test('every legend and summary names labels that are left', () => {
  const shown = [
    ...panels.flatMap(({ queries }) => queries.map(({ expr, legend }) => ({ expr, text: legend }))),
    ...ALERTS.map(({ expr, summary }) => ({ expr, text: summary.replaceAll('$labels.', '') })),
  ];
  const wrong = shown.filter(({ expr, text }) => {
    const kept = groupings(expr);
    const left = kept.length > 0 ? kept : EVERYWHERE;
    return [...text.matchAll(/\{\{ ?(\w+) ?\}\}/g)].some(([, label = '']) => !left.includes(label));
  });
  expect(wrong).toEqual([]);
});

test('every metric is drawn somewhere', () => {
  const used = new Set(drawn.flatMap((expr) => selectors(expr).map(({ name }) => declaredAs(name)?.name)));
  expect(METRICS.map(({ name }) => name).filter((name) => !used.has(name))).toEqual([]);
});

test('names are the style of Prometheus, each once', () => {
  const names = METRICS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  // Named before this rule was, and known to dashboards.
  const exceptions = ['dynamo_consumed_capacity_units'];
  const misnamed = METRICS.filter(
    ({ name, kind }) =>
      !/^[a-z][a-z0-9_]*[a-z0-9]$/.test(name) || (name.endsWith('_total') || exceptions.includes(name)) !== (kind === 'counter'),
  );
  expect(misnamed).toEqual([]);
});

test('no metric is named by a string where it is counted, and each that is declared is in the list', () => {
  const paths = ['libs', 'services'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile() && /\/src(\/|$)/.test(file.parentPath) && file.name.endsWith('.ts'))
      .filter((file) => !file.parentPath.includes('node_modules'))
      .map((file) => join(file.parentPath, file.name)),
  );
  expect(paths.length).toBeGreaterThan(300);
  const sources = paths.map((path) => ({ path, text: readFileSync(path, 'utf8') }));
  const quoted = sources.filter(({ text }) => /\.(counter|gauge|histogram)\(\s*['"`{]/.test(text));
  expect(quoted.map(({ path }) => path)).toEqual([]);
  const declared = sources.flatMap(({ text }) => [...text.matchAll(/= define(?:Counter|Gauge|Histogram)\(\s*'(\w+)'/g)]);
  expect(declared.map(([, name = '']) => name).toSorted()).toEqual(METRICS.map(({ name }) => name).toSorted());
});

test('a process is missed though Prometheus no longer knows where it was', () => {
  const { expr, severity } = ALERTS.find(({ name }) => name === 'PlazaProcessDown')!;
  const missed = [...expr.matchAll(/absent\(up\{job="([\w-]+)"\}\)/g)].map(([, job]) => job);
  expect(missed).toEqual(TOPOLOGY.map(({ name }) => name));
  expect(severity).toBe('page');
});

test('every alert has a runbook', () => {
  expect(ALERTS.filter(({ runbook }) => !existsSync(join(root, 'docs/runbooks', `${runbook}.md`)))).toEqual([]);
});

test('the rules that Prometheus reads are the alerts, and it asks every process', () => {
  const files = observabilityFiles();
  const rules = parse(files['observability/rules.yml']!) as { groups: { rules: { alert: string; expr: string }[] }[] };
  expect(rules.groups.flatMap((group) => group.rules.map(({ alert, expr }) => [alert, expr]))).toEqual(
    ALERTS.map(({ name, expr }) => [name, expr]),
  );
  const { scrape_configs: jobs } = parse(files['observability/prometheus.yml']!) as { scrape_configs: { job_name: string }[] };
  expect(jobs.map((job) => job.job_name)).toEqual(['user', 'product', 'order', 'social-graph', 'feed', 'feed-worker']);
});

test('panels of a dashboard do not lie on each other', () => {
  for (const { uid } of DASHBOARDS) {
    const dashboard = JSON.parse(observabilityFiles()[`observability/grafana/dashboards/${uid}.json`]!) as {
      panels: { gridPos: { x: number; y: number; w: number; h: number } }[];
    };
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
  }
});

/** Made by Prometheus itself for each target. */
const UP = { name: 'up', labels: [] as readonly string[] };

const declaredAs = (name: string) =>
  name === 'up'
    ? UP
    : METRICS.find((metric) =>
        metric.kind === 'histogram'
          ? name.replace(/_(bucket|sum|count)$/, '') === metric.name && name !== metric.name
          : name === metric.name,
      );

/** On every series, by the scrape. */
const EVERYWHERE: readonly string[] = ['job', 'instance'];

const labelsOf = (name: string): readonly string[] => [
  ...EVERYWHERE,
  ...(declaredAs(name)?.labels ?? []),
  ...(name.endsWith('_bucket') ? ['le'] : []),
];

/** The metrics of an expression with the labels that they are chosen by. Throws if it is no PromQL. */
const selectors = (expr: string): { name: string; labels: string[] }[] => {
  const found: { name: string; labels: string[] }[] = [];
  parser.parse(expr).iterate({
    enter: ({ type, from, to }) => {
      if (type.isError) throw new Error(`no PromQL at ${from}: ${expr}`);
      const text = expr.slice(from, to);
      if (type.name === 'VectorSelector') found.push({ name: '', labels: [] });
      if (type.name === 'Identifier' && found.at(-1)?.name === '') found.at(-1)!.name = text;
      if (type.name === 'LabelName' && found.length > 0 && !inGrouping(expr, from)) found.at(-1)!.labels.push(text);
    },
  });
  return found;
};

const groupings = (expr: string): string[] => {
  const found: string[] = [];
  parser.parse(expr).iterate({
    enter: ({ type, from, to }) => {
      if (type.name === 'LabelName' && inGrouping(expr, from)) found.push(expr.slice(from, to));
    },
  });
  return found;
};

const inGrouping = (expr: string, at: number): boolean => /\bby \([^)]*$/.test(expr.slice(0, at));
