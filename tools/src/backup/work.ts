import type { Context } from '@plaza/core';

import type { Screen } from '../launcher/screen.ts';
import { readManifest, readTable, verifyTable, writeTable } from './files.ts';
import type { OpenTable } from './tables.ts';

export interface Run {
  readonly tables: readonly OpenTable[];
  readonly ctx: Context;
  readonly screen: Pick<Screen, 'line'>;
}

/** Rows that are read from a file, and said to be written, at a time. */
const PAGE = 2_000;

/**
 * One table after the other, each as of the time of its scan: what is written meanwhile is in it or not. A folder that has some
 * tables already gets the others.
 */
export const exportTables = async ({ tables, ctx, screen }: Run, folder: string): Promise<void> => {
  for (const { table, copier } of tables) {
    if (readManifest(folder).tables[table.name] !== undefined) {
      screen.line(`${table.name}: is there already`);
      continue;
    }
    const pages = shown(copier.readLines(ctx, table), (rows) => screen.line(`${table.name}: ${rows} rows so far`));
    const rows = await writeTable(folder, table.name, pages);
    screen.line(`${table.name}: ${rows} rows`);
  }
};

/** All files are checked before the first row is written. */
export const importTables = async (
  { tables, ctx, screen }: Run,
  folder: string,
  { createTables, intoRows }: { createTables: boolean; intoRows: boolean },
): Promise<void> => {
  for (const { table } of tables) await verifyTable(folder, table.name);
  if (createTables) await Promise.all(tables.map(({ table, copier }) => copier.createTable(ctx, table)));
  for (const { table, copier } of tables)
    if (!intoRows && !(await copier.isEmpty(ctx, table)))
      throw new Error(`${table.name} has rows; into a table that has some only with --into-rows`);
  for (const { table, copier } of tables) {
    let rows = 0;
    for await (const lines of shown(readTable(folder, table.name, PAGE), (sofar) =>
      screen.line(`${table.name}: ${sofar} rows so far`),
    )) {
      await copier.writeLines(ctx, table, lines);
      rows += lines.length;
    }
    screen.line(`${table.name}: ${rows} rows`);
  }
};

export const countTables = async ({ tables, ctx, screen }: Run): Promise<void> => {
  for (const { table, copier } of tables) screen.line(`${table.name}: ${await copier.count(ctx, table)} rows`);
};

/** Says how far it is whenever so many more rows have come. */
const SHOWN_EVERY = 50_000;

const shown = async function* (pages: AsyncIterable<string[]>, say: (rows: number) => void): AsyncGenerator<string[]> {
  let rows = 0;
  for await (const page of pages) {
    const before = rows;
    rows += page.length;
    if (Math.floor(rows / SHOWN_EVERY) > Math.floor(before / SHOWN_EVERY)) say(rows);
    yield page;
  }
};
