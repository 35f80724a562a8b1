import {
  AppError,
  assertAlive,
  backgroundContext,
  backoffMs,
  isAppError,
  pause,
  withTimeout,
  type Context,
  type ErrorCode,
} from '@plaza/core';
import type { ImportFollowsRequest } from '@plaza/proto/plaza/graph/v1/social_graph_service';

import { anotherImport, nothing, outOfPlace, screen, type Message, type Row } from '../domain/import.ts';
import { beginImport, type ImportProgress } from '../import-progress.ts';
import { eachInFlight, inTurn } from '../in-flight.ts';
import { createKnownPeople, type KnownPeople } from '../known-people.ts';
import { toReceipt } from '../mapping.ts';
import type { Deps, GraphHandlers } from './index.ts';

/** Enough to hide the way to the table; of one follower only one is at work. */
const IN_FLIGHT = 8;

const MAX_TRIES = 5;
const PASSING: readonly ErrorCode[] = ['UNAVAILABLE', 'DEADLINE_EXCEEDED'];

/**
 * From the question who exists to the last moment of the write: an import takes minutes, and a follow of somebody deleted must
 * not be written after that person's ties were erased, which begins 12 s after the deletion.
 */
const ASKED_MS = 10_000;
const WRITE_MS = 5_000;
/** For the receipt of a stream whose caller has gone. */
const LAST_SAVE_MS = 3_000;

export const importFollows =
  ({ imports, receipts, users, now }: Deps): GraphHandlers['importFollows'] =>
  async (ctx, requests) => {
    const people = createKnownPeople({ users, now });
    let progress: ImportProgress | undefined;
    const begin = async (first: { importId: string; index: number }) => {
      progress = await persist(ctx, [...PASSING, 'ABORTED'], () => beginImport(ctx, { receipts, now }, first));
    };
    try {
      // Messages of one follower would only win races against each other.
      const inFollowersTurn = inTurn();
      await eachInFlight(inOrder(requests, begin), IN_FLIGHT, (message) =>
        inFollowersTurn(message.followerId, async () => {
          if (progress!.isWritten(message)) return;
          progress!.finish(message, await write(ctx, { imports, people, now }, message));
          await progress!.saveNowAndThen(ctx).catch(unlessLost);
        }),
      );
      if (progress) await persist(ctx, PASSING, () => progress!.save(ctx));
    } catch (error) {
      const last = backgroundContext({ method: ctx.method, timeoutMs: LAST_SAVE_MS, log: ctx.log });
      // The error that broke the stream is what the caller must hear of.
      await progress?.save(last).catch(() => {});
      throw isAppError(error) ? withReceipt(error, progress?.receipt().messages ?? 0) : error;
    }
    return { receipt: toReceipt(progress?.receipt() ?? nothing(0)) };
  };

/** Each message with its place, one after the other from where the first one says. */
const inOrder = async function* (
  requests: AsyncIterable<ImportFollowsRequest>,
  begin: (first: { importId: string; index: number }) => Promise<void>,
): AsyncIterable<Message> {
  let expected: { importId: string; index: number } | undefined;
  for await (const { importId, index: place, followerId, followeeIds } of requests) {
    const index = Number(place);
    if (!expected) await begin((expected = { importId, index }));
    if (importId !== expected.importId) throw anotherImport();
    if (index !== expected.index) throw outOfPlace(index, expected.index);
    expected = { importId, index: index + 1 };
    yield { index, followerId, followeeIds };
  }
};

/**
 * An import of minutes outlives a moment without its peer or its table. A message that was written behind a lost reply changes
 * nothing the second time; the receipt then calls its follows unchanged.
 */
const write = (ctx: Context, { imports, people, now }: Writing, message: Message): Promise<Row[]> =>
  persist(ctx, [...PASSING, 'ABORTED'], async () => {
    const { asOf, isUser } = await people.learn(ctx, [message.followerId, ...message.followeeIds]);
    // Out of time, it asks anew.
    const inTime = withTimeout(ctx, Math.min(WRITE_MS, asOf + ASKED_MS - now()));
    return imports.add(inTime, message.followerId, screen(message, isUser));
  });

interface Writing extends Pick<Deps, 'imports' | 'now'> {
  readonly people: KnownPeople;
}

const persist = async <T>(ctx: Context, passing: readonly ErrorCode[], work: () => Promise<T>): Promise<T> => {
  for (let tries = 0; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!isAppError(error) || !passing.includes(error.code) || tries === MAX_TRIES) throw error;
      await pause(backoffMs(tries, 100, 2_000), ctx.signal);
      assertAlive(ctx);
    }
  }
};

/** What could not be saved now is saved with the next receipt, unless another stream of the import has taken over. */
const unlessLost = (error: unknown): void => {
  if (!isAppError(error) || !PASSING.includes(error.code)) throw error;
};

/** A broken import says where it goes on, so that the caller need not begin anew. */
const withReceipt = ({ code, reason, message, details }: AppError, messages: number): AppError =>
  new AppError(code, reason, message, { ...details, metadata: { ...details.metadata, messages: String(messages) } });
