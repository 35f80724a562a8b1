import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** What a folder holds: of each table its file, how many rows are in it, and the SHA-256 of it. */
export interface Manifest {
  readonly tables: Readonly<
    Record<string, { readonly file: string; readonly rows: number; readonly sha256: string; readonly at: string }>
  >;
}

const MANIFEST = 'manifest.json';

/** Rows are people's: their owner alone may read them. */
const MODE = 0o600;

export const readManifest = (folder: string): Manifest => {
  const path = join(folder, MANIFEST);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Manifest) : { tables: {} };
};

const writeManifest = (folder: string, manifest: Manifest): void => {
  writeFileSync(join(folder, `${MANIFEST}.new`), `${JSON.stringify(manifest, undefined, 2)}\n`, { mode: MODE });
  renameSync(join(folder, `${MANIFEST}.new`), join(folder, MANIFEST));
};

/** Writes the lines of one table. It is in the manifest once it is whole, so that whoever goes on knows what is missing. */
export const writeTable = async (folder: string, name: string, pages: AsyncIterable<readonly string[]>): Promise<number> => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = `${name}.jsonl`;
  const hash = createHash('sha256');
  const at = new Date().toISOString();
  let rows = 0;
  const out = await open(join(folder, file), 'w', MODE);
  try {
    for await (const lines of pages) {
      const text = lines.map((line) => `${line}\n`).join('');
      hash.update(text);
      await out.write(text);
      rows += lines.length;
    }
  } finally {
    await out.close();
  }
  const { tables } = readManifest(folder);
  writeManifest(folder, { tables: { ...tables, [name]: { file, rows, sha256: hash.digest('hex'), at } } });
  return rows;
};

/** @throws Error unless the file is what was written. */
export const verifyTable = async (folder: string, name: string): Promise<number> => {
  const entry = readManifest(folder).tables[name];
  if (entry === undefined) throw new Error(`${folder} has no table ${name}: the export did not get so far`);
  const hash = createHash('sha256');
  for await (const part of createReadStream(join(folder, entry.file))) hash.update(part as Buffer);
  if (hash.digest('hex') !== entry.sha256) throw new Error(`${entry.file} is not what was exported: its checksum differs`);
  return entry.rows;
};

/** The lines of a table, some at a time. */
export const readTable = async function* (folder: string, name: string, atOnce: number): AsyncGenerator<string[]> {
  const lines = createInterface({
    input: createReadStream(join(folder, readManifest(folder).tables[name]!.file)),
    crlfDelay: Infinity,
  });
  let page: string[] = [];
  for await (const line of lines) {
    page.push(line);
    if (page.length === atOnce) {
      yield page;
      page = [];
    }
  }
  if (page.length > 0) yield page;
};
