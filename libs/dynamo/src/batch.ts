import { backoffMs, isAppError, pause, remainingMs, type Context } from '@plaza/core';

import { storeError, type CommandOptions, type RunCommand } from './command.ts';
import { EngineFailure, type BatchRow, type Engine } from './engine.ts';
import { keyText, type Item, type Key } from './item.ts';
import type { Verb } from './faults.ts';
import type { Table } from './table.ts';

/** DynamoDB's limits for one call. */
const GET_SIZE = 100;
const WRITE_SIZE = 25;
/** Calls of one batch that are out at a time. */
const IN_FLIGHT = 16;

export interface BatchDeps {
  readonly engine: Engine;
  readonly run: RunCommand;
  readonly backoff: CommandOptions['backoff'];
  /** Part of a batch came back: DynamoDB's way to throttle it. */
  readonly unprocessed: (verb: Verb, table: Table) => void;
}

/** Reads any number of keys; answers in their order. */
export const batchGet = async (
  { engine, run, backoff, unprocessed }: BatchDeps,
  ctx: Context,
  table: Table,
  keys: readonly Key[],
  consistent: boolean,
): Promise<(Item | undefined)[]> => {
  const found = new Map<string, Item>();
  const wanted = [...new Map(keys.map((key) => [keyText(key), { pk: key.pk, sk: key.sk }])).values()];
  await eachChunk(wanted, GET_SIZE, (chunk) =>
    untilEmpty(ctx, { backoff, again: () => unprocessed('batchGet', table) }, chunk, (todo) =>
      run(ctx, { verb: 'batchGet', table, repeatable: true }, async (half): Promise<readonly Key[]> => {
        const [asked, held] = split(todo, half);
        if (asked.length === 0) return held;
        const answer = await engine.batchGet(ctx, table, asked, consistent);
        for (const item of answer.items) found.set(keyText(item), item);
        return [...answer.unprocessed, ...held];
      }),
    ),
  );
  return keys.map((key) => found.get(keyText(key)));
};

/** Writes any number of rows; a row named twice is written as it was named last. */
export const batchWrite = async (
  { engine, run, backoff, unprocessed }: BatchDeps,
  ctx: Context,
  table: Table,
  rows: { put?: readonly Item[]; remove?: readonly Key[] },
): Promise<void> => {
  const byKey = new Map<string, BatchRow>();
  for (const item of rows.put ?? []) byKey.set(keyText(item), { key: { pk: item.pk, sk: item.sk }, item });
  for (const { pk, sk } of rows.remove ?? []) byKey.set(keyText({ pk, sk }), { key: { pk, sk } });
  await eachChunk([...byKey.values()], WRITE_SIZE, (chunk) =>
    untilEmpty(ctx, { backoff, again: () => unprocessed('batchWrite', table) }, chunk, (todo) =>
      run(ctx, { verb: 'batchWrite', table, repeatable: true }, async (half): Promise<readonly BatchRow[]> => {
        const [sent, held] = split(todo, half);
        return sent.length === 0 ? held : [...(await engine.batchWrite(ctx, table, sent)), ...held];
      }),
    ),
  );
};

/** Sends what is left again and again; gives up only when no time is left, and then says so. */
const untilEmpty = async <T>(
  ctx: Context,
  { backoff, again }: Pick<BatchDeps, 'backoff'> & { again: () => void },
  chunk: readonly T[],
  send: (todo: readonly T[]) => Promise<readonly T[]>,
): Promise<void> => {
  let todo = await send(chunk);
  for (let attempt = 0; todo.length > 0; attempt++) {
    again();
    const wait = backoffMs(attempt, backoff.baseMs, backoff.capMs);
    await pause(Math.min(wait, Math.max(0, remainingMs(ctx))), ctx.signal);
    const gaveUp = storeError(ctx, new EngineFailure('throttle', new Error(`${todo.length} unprocessed`)));
    if (remainingMs(ctx) <= 0) throw gaveUp;
    // The last moment may pass on the way: what was left is the reason all the same.
    const left = await send(todo).catch((error: unknown) => {
      throw isAppError(error, 'DEADLINE_EXCEEDED') ? gaveUp : error;
    });
    if (left.length < todo.length) attempt = -1;
    todo = left;
  }
};

const split = <T>(rows: readonly T[], half: boolean): [readonly T[], readonly T[]] => {
  const cut = half ? Math.floor(rows.length / 2) : rows.length;
  return [rows.slice(0, cut), rows.slice(cut)];
};

const eachChunk = async <T>(rows: readonly T[], size: number, work: (chunk: readonly T[]) => Promise<void>): Promise<void> => {
  let next = 0;
  const worker = async () => {
    while (next < rows.length) {
      const chunk = rows.slice(next, (next += size));
      await work(chunk);
    }
  };
  await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, Math.ceil(rows.length / size)) }, worker));
};
