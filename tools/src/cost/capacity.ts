import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT, SERVICES } from '@plaza/testing';

/** What one call consumes on AWS, in request units. */
export interface Units {
  readonly reads: number;
  readonly writes: number;
}

/** One row of a service's measured table. */
export interface Measured extends Units {
  readonly service: string;
  /** `OrderService/CreateOrder`, or what works behind an answer: `order.saga`. */
  readonly rpc: string;
  /** A mutation publishes about one event. */
  readonly mutation: boolean;
}

const BLOCK = /<!-- capacity -->\n([^]*?)<!-- \/capacity -->/;

/** The tables between the marks of services/<service>/README.md, which the capacity tests write. */
export const measuredCapacity = (readme = readmeOf): Measured[] =>
  SERVICES.flatMap((service) => rowsOf(service, BLOCK.exec(readme(service))?.[1] ?? ''));

const readmeOf = (service: string): string => readFileSync(join(ROOT, 'services', service, 'README.md'), 'utf8');

const rowsOf = (service: string, table: string): Measured[] => {
  const lines = table.split('\n').filter((line) => line.startsWith('|'));
  const [head = [], , ...rows] = lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  return rows.map(([rpc = '', ...cells]) => {
    const sum = (matches: (title: string) => boolean) =>
      cells.reduce((total, cell, i) => total + (matches(head[i + 1] ?? '') ? Number(cell) : 0), 0);
    const rows = sum((title) => title.startsWith('rows in transactions'));
    const index = sum((title) => title.startsWith('write') && isIndex(title));
    const table = sum((title) => title.startsWith('write') && !isIndex(title));
    const reads = sum((title) => title.startsWith('read'));
    // DynamoDB Local adds up a transaction's bytes before it rounds; AWS charges two units for each row, all below 1 KB.
    return { service, rpc: rpc.replaceAll('`', ''), reads, writes: (rows > 0 ? 2 * rows : table) + index, mutation: rows > 0 };
  });
};

/** `write indexes`, or an index by its name: `write byState`. */
const isIndex = (title: string): boolean => /indexes|index$|`by/.test(title);
