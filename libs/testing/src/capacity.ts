import { readFileSync, writeFileSync } from 'node:fs';

/** Sets the stage and answers the call that is measured. */
export type Scenario = () => Promise<() => Promise<unknown>>;

export interface CapacityOptions {
  /** Holds the table between `<!-- capacity -->` and `<!-- /capacity -->`. */
  readonly readme: URL;
  /** Of the service that is measured, whose /metrics tells what DynamoDB reported. */
  readonly adminPort: number;
  /** Of the service's protos, such as `plaza.user.v1`. */
  readonly protoPackage: string;
  /**
   * Column title → `read` or `write`, a space and the index (none: the table itself, `*`: all indexes together), or `rows` for rows
   * in transactions.
   */
  readonly columns: Readonly<Record<string, string>>;
  /**
   * `Service/Method` → its ordinary case, in the order of the table. Without a slash: what calls itself so in its context, behind
   * the answers.
   */
  readonly scenarios: Readonly<Record<string, Scenario>>;
  /** Whether the README's table is written anew. */
  readonly write: boolean;
}

const BLOCK = /(<!-- capacity -->\n)([^]*?)(<!-- \/capacity -->)/;
/** A try that was repeated, on a busy machine, consumed more: the least of some tries is what the RPC needs. */
const TRIES = 3;

/**
 * What each RPC consumes in its ordinary case, as DynamoDB itself reports it, beside what the README says of it. The README is the
 * budget: a difference is a budget that is exceeded, or a table that is out of date. Cells only, without the table's layout.
 */
export const measureCapacity = async (options: CapacityOptions): Promise<{ measured: string[][]; stated: string[][] }> => {
  const places = Object.values(options.columns);
  const text = readFileSync(options.readme, 'utf8');
  const block = (of: string): string => BLOCK.exec(of)?.[2] ?? '';
  const stated = new Set(cells(block(text)).map(String));
  const rows: string[] = [];
  for (const [rpc, scenario] of Object.entries(options.scenarios)) {
    const rowOf = (units: Units) => `| \`${rpc}\` | ${places.map((place) => unitsAt(units, place) || '').join(' | ')} |`;
    const isStated = (units: Units) => !options.write && stated.has(String(cells(rowOf(units))[0]));
    rows.push(rowOf(await leastOf(options, rpc, scenario, isStated)));
  }
  const head = [`| RPC | ${Object.keys(options.columns).join(' | ')} |`, `| --- | ${places.map(() => '--:').join(' | ')} |`];
  const table = [...head, ...rows].join('\n');
  if (options.write)
    writeFileSync(
      options.readme,
      text.replace(BLOCK, (_, begin, __, end) => `${begin}\n${table}\n\n${end}`),
    );
  return { measured: cells(table), stated: cells(block(readFileSync(options.readme, 'utf8'))) };
};

/** Units by place. */
type Units = Readonly<Record<string, number>>;

/** As soon as a try needs what is stated, no other is made. */
const leastOf = async (
  options: CapacityOptions,
  rpc: string,
  scenario: Scenario,
  isStated: (units: Units) => boolean,
): Promise<Units> => {
  const tries: Units[] = [];
  for (let i = 0; i < TRIES && !tries.some(isStated); i++) {
    const call = await scenario();
    const before = await unitsOf(options, rpc);
    await call();
    const after = await unitsOf(options, rpc);
    tries.push(Object.fromEntries(Object.entries(after).map(([place, units]) => [place, units - (before[place] ?? 0)])));
  }
  return tries.find(isStated) ?? tries.reduce((least, units) => (sum(units) < sum(least) ? units : least));
};

const unitsAt = (units: Units, place: string): number => {
  if (!place.endsWith('*')) return units[place] ?? 0;
  const [kind] = place.split('*');
  return sum(Object.fromEntries(Object.entries(units).filter(([at]) => at.startsWith(kind!) && at !== kind)));
};

const sum = (units: Units): number => Object.values(units).reduce((total, some) => total + some, 0);

const unitsOf = async ({ adminPort, protoPackage }: CapacityOptions, rpc: string): Promise<Units> => {
  const text = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
  const lines = text.matchAll(/^dynamo_(consumed_capacity_units|transaction_rows_total)\{(.*)\} (\S+)$/gm);
  const units: Record<string, number> = {};
  const method = rpc.includes('/') ? `${protoPackage}.${rpc}` : rpc;
  for (const [, metric, labels = '', value] of lines) {
    const label = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(labels)?.[1] ?? '';
    if (label('rpc') !== method) continue;
    const place = metric === 'transaction_rows_total' ? 'rows' : `${label('kind')} ${label('index')}`;
    // Of a service with two tables, both together.
    units[place] = (units[place] ?? 0) + Number(value);
  }
  return units;
};

/** The table without its layout, which the formatter changes. */
const cells = (table: string): string[][] =>
  table
    .split('\n')
    .filter((line) => /^\| `[\w./]+` +\|/.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()));
