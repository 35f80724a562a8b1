import { isAppError } from '@plaza/core';

import type { AdminClient } from '../admin-client.ts';
import { stableUlid } from '../stable-id.ts';
import type { Job } from '../run-job.ts';
import { insist } from './batch.ts';
import { linesOf } from './lines.ts';
import type { People } from './people.ts';
import type { Progress } from './progress.ts';

/** The RPC's limit of one message. */
const FOLLOWEES = 96;
const STREAM_MS = 300_000;
const CALL_MS = 1_000;
/** Streams that break one after the other without getting anywhere. */
const TRIES = 5;

interface Follows {
  readonly followerId: string;
  readonly followeeIds: readonly string[];
}

interface Message extends Follows {
  readonly importId: string;
  readonly index: string;
}

interface Receipt {
  readonly messages?: string;
  readonly created?: string;
  readonly requested?: string;
  readonly unchanged?: string;
  readonly refused?: string;
  readonly refusals?: readonly {
    readonly index?: string;
    readonly followerId: string;
    readonly followeeId: string;
    readonly reason: string;
  }[];
}

/** Lines `{"follower": "ada", "followees": ["bob", …]}`, as one stream, which goes on from its receipt. */
export const importFollows = async (
  job: Job,
  clients: { graph: AdminClient; people: People; progress: Progress },
  { path, name }: { path: string; name: string },
): Promise<void> => {
  const { graph, people, progress } = clients;
  const wanted = await followsOf(path, people, progress);
  if (wanted.length === 0) return;
  // A receipt counts messages: good for the same ones only. Once a line is mended, or somebody is known who was not, all come again.
  const importId = stableUlid(`${name}:follows:${JSON.stringify(wanted)}`);
  const messages = wanted.map((follows, index): Message => ({ importId, index: String(index), ...follows }));
  let receipt: Receipt = await receiptOf(job, graph, importId);
  for (let attempt = 0; writtenOf(receipt) < messages.length && !job.stop.aborted;) {
    const before = writtenOf(receipt);
    try {
      const rest = messages.slice(before);
      receipt = (await graph.call<{ receipt: Receipt }>(job.context(STREAM_MS), 'ImportFollows', each(rest))).receipt;
    } catch (error) {
      if (!isAppError(error) || ++attempt === TRIES) throw error;
      job.log.warn('import.delayed', { code: error.code, reason: error.reason, attempt });
      receipt = await receiptOf(job, graph, importId);
    }
    if (writtenOf(receipt) > before) attempt = 0;
    progress.reached('follows', writtenOf(receipt), messages.length);
  }
  const { created = '0', requested = '0', unchanged = '0', refused = '0' } = receipt;
  job.log.info('import.follows', { created, requested, unchanged, refused });
  for (const { followerId, followeeId, reason } of receipt.refusals ?? [])
    progress.refused('follows', { followerId, followeeId, reason });
};

/** In the order of the file, a message's worth each. Somebody unknown leaves a gap that is told. */
const followsOf = async (path: string, people: People, progress: Progress): Promise<Follows[]> => {
  const follows: Follows[] = [];
  for await (const { number, value } of linesOf(path)) {
    const followerId = await people.idOf(String(value['follower']));
    const names = Array.isArray(value['followees']) ? value['followees'].map(String) : [];
    const ids = await Promise.all(names.map((username) => people.idOf(username)));
    if (followerId === undefined) progress.refused('follows', { line: number, reason: 'USER_NOT_FOUND', who: 'follower' });
    if (ids.includes(undefined)) progress.refused('follows', { line: number, reason: 'USER_NOT_FOUND', who: 'followee' });
    const followeeIds = ids.filter((id) => id !== undefined);
    if (followerId === undefined) continue;
    for (let i = 0; i < followeeIds.length; i += FOLLOWEES)
      follows.push({ followerId, followeeIds: followeeIds.slice(i, i + FOLLOWEES) });
  }
  return follows;
};

const receiptOf = async (job: Job, graph: AdminClient, importId: string): Promise<Receipt> => {
  try {
    const call = () => graph.call<{ receipt: Receipt }>(job.context(CALL_MS), 'GetImport', { importId });
    return (await insist(job, call)).receipt;
  } catch (error) {
    if (isAppError(error, 'IMPORT_NOT_FOUND')) return {};
    throw error;
  }
};

const writtenOf = ({ messages = '0' }: Receipt): number => Number(messages);

async function* each(messages: readonly Message[]): AsyncIterable<Message> {
  yield* messages;
}
