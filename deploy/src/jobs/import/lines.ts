import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** One line of a file of an import. */
export interface Line {
  /** From 1 on, as editors count. */
  readonly number: number;
  readonly value: Readonly<Record<string, unknown>>;
}

/** The lines of a file of JSON objects; none if it is not there. @throws Error that names the line that is no JSON object */
export async function* linesOf(path: string): AsyncIterable<Line> {
  if (!existsSync(path)) return;
  let number = 0;
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    number++;
    if (text.trim() !== '') yield { number, value: parsed(path, number, text) };
  }
}

const parsed = (path: string, number: number, text: string): Line['value'] => {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Line['value'];
  } catch {
    // What the parser says of it quotes the line, which may be personal.
  }
  throw new Error(`${path}, line ${number}: no JSON object`);
};

/** Up to `size` at a time. */
export async function* batches<T>(items: AsyncIterable<T>, size: number): AsyncIterable<T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
