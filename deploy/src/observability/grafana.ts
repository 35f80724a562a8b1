import { stringify } from 'yaml';

import { json, type Files } from '../files.ts';
import type { Dashboard, Panel } from './panel.ts';

const COLUMNS = 24;
const HEIGHTS = { curves: 8, table: 10, number: 4 } as const;
const SOURCE = { type: 'prometheus', uid: '${datasource}' };

/** Grafana's own form of a dashboard: panels stand from left to right and wrap as words do. */
const dashboardFile = ({ uid, title, rows }: Dashboard): string => {
  let [id, x, y, lineHeight] = [0, 0, 0, 0];
  const line = (): void => {
    y += lineHeight;
    [x, lineHeight] = [0, 0];
  };
  const place = (w: number, h: number) => {
    if (x + w > COLUMNS) line();
    const gridPos = { x, y, w, h };
    x += w;
    lineHeight = Math.max(lineHeight, h);
    return gridPos;
  };
  const panels = rows.flatMap((row) => {
    line();
    const head = { id: ++id, type: 'row', title: row.title, collapsed: false, panels: [], gridPos: place(COLUMNS, 1) };
    line();
    return [
      head,
      ...row.panels.map((panel) => ({ id: ++id, ...drawn(panel), gridPos: place(panel.width ?? 12, HEIGHTS[panel.kind]) })),
    ];
  });
  return json({
    uid: `plaza-${uid}`,
    title: `Plaza: ${title}`,
    tags: ['plaza'],
    timezone: 'browser',
    schemaVersion: 39,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    links: [{ type: 'dashboards', tags: ['plaza'], title: 'Plaza', asDropdown: true, keepTime: true }],
    templating: { list: VARIABLES },
    panels,
  });
};

const VARIABLES = [
  { name: 'datasource', label: 'Source', type: 'datasource', query: 'prometheus' },
  {
    name: 'job',
    label: 'Process',
    type: 'query',
    datasource: SOURCE,
    query: { query: 'label_values(plaza_build_info, job)', refId: 'job' },
    refresh: 2,
    includeAll: true,
    multi: true,
    allValue: '.*',
    current: { text: 'All', value: '$__all' },
  },
];

const TYPES = { curves: 'timeseries', number: 'stat', table: 'table' } as const;

const drawn = ({ title, help = '', kind, unit, queries, red }: Panel) => ({
  type: TYPES[kind],
  title,
  description: help,
  datasource: SOURCE,
  targets: queries.map(({ expr, legend }, i) => ({
    refId: String.fromCharCode(65 + i),
    datasource: SOURCE,
    expr,
    legendFormat: legend,
    ...(kind === 'curves' ? {} : { instant: true, range: false }),
    ...(kind === 'table' && { format: 'table' }),
  })),
  fieldConfig: {
    defaults: {
      unit,
      min: 0,
      thresholds: {
        mode: 'absolute',
        steps: [{ color: 'green', value: null }, ...(red === undefined ? [] : [{ color: 'red', value: red }])],
      },
      ...(kind === 'curves' && { custom: { fillOpacity: 10, thresholdsStyle: { mode: red === undefined ? 'off' : 'line' } } }),
    },
    overrides: [],
  },
  ...(kind === 'curves' && {
    options: { legend: { displayMode: 'table', placement: 'right', calcs: ['lastNotNull', 'max'] }, tooltip: { mode: 'multi' } },
  }),
  ...(kind === 'number' && { options: { reduceOptions: { calcs: ['lastNotNull'] }, colorMode: 'background' } }),
  ...(kind === 'table' && {
    transformations: [
      { id: 'merge', options: {} },
      { id: 'organize', options: { excludeByName: { Time: true } } },
    ],
    options: { sortBy: [{ displayName: 'Value', desc: true }] },
  }),
});

/** What Grafana reads at its start, and the dashboards. */
export const grafanaFiles = (dashboards: readonly Dashboard[]): Files => ({
  'observability/grafana/provisioning/datasources/prometheus.yml': stringify({
    apiVersion: 1,
    datasources: [{ name: 'Prometheus', type: 'prometheus', access: 'proxy', url: 'http://prometheus:9090', isDefault: true }],
  }),
  'observability/grafana/provisioning/dashboards/plaza.yml': stringify({
    apiVersion: 1,
    providers: [{ name: 'plaza', folder: 'Plaza', type: 'file', options: { path: '/var/lib/grafana/dashboards' } }],
  }),
  ...Object.fromEntries(
    dashboards.map((dashboard) => [`observability/grafana/dashboards/${dashboard.uid}.json`, dashboardFile(dashboard)]),
  ),
});
