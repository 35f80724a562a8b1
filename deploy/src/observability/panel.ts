/** One curve or row of curves: PromQL, and what each is called, as Grafana writes it. */
export interface Query {
  readonly expr: string;
  readonly legend: string;
}

export interface Panel {
  readonly title: string;
  readonly help?: string;
  readonly kind: 'curves' | 'number' | 'table';
  readonly unit: 's' | 'reqps' | 'ops' | 'percentunit' | 'short' | 'bytes' | 'currencyUSD';
  readonly queries: readonly Query[];
  /** From here on it is drawn in red. */
  readonly red?: number;
  /** Of 24 columns; 12 by default, 4 of a number. */
  readonly width?: number;
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

export interface Dashboard {
  /** Name of the file and of the address. */
  readonly uid: string;
  readonly title: string;
  readonly rows: readonly Row[];
}

/** Inside `rate`: four scrapes at least, whatever the zoom. */
const RATE = '[$__rate_interval]';
/** The processes chosen at the top of the dashboard. */
export const CHOSEN = 'job=~"$job"';

/** Events a second, by the labels. */
export const rate = (metric: string, by: string, where = CHOSEN): string => `sum by (${by}) (rate(${metric}{${where}}${RATE}))`;

/** A share of a histogram's observations lies below this. */
export const quantile = (share: number, metric: string, by = '', where = CHOSEN): string =>
  `histogram_quantile(${share}, sum by (le${by === '' ? '' : `, ${by}`}) (rate(${metric}_bucket{${where}}${RATE})))`;

/** The median and the slowest of a hundred. */
export const quantiles = (metric: string, by = '', where = CHOSEN): Query[] =>
  [0.5, 0.99].map((share) => ({
    expr: quantile(share, metric, by, where),
    legend: `p${share * 100}${by === '' ? '' : ` {{${by}}}`}`,
  }));

export const curves = (title: string, unit: Panel['unit'], queries: readonly Query[], more: Partial<Panel> = {}): Panel => ({
  title,
  kind: 'curves',
  unit,
  queries,
  ...more,
});

export const number = (title: string, unit: Panel['unit'], expr: string, more: Partial<Panel> = {}): Panel => ({
  title,
  kind: 'number',
  unit,
  queries: [{ expr, legend: '' }],
  width: 4,
  ...more,
});
