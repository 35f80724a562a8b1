import { isAppError, type Clock } from '@plaza/core';

import { adminClient, type AdminClient } from '../admin-client.ts';
import { stableId } from '../stable-id.ts';
import type { Job } from '../run-job.ts';
import type { PurgeConfig } from './config.ts';

const DAY_MS = 86_400_000;
const PAGE = 100;
const CALL_MS = 3_000;

interface Page {
  readonly users?: readonly { readonly userId: string; readonly deleteTime?: string }[];
  readonly nextPageToken?: string;
}

/**
 * Begins the erasure of everybody who was deleted long enough ago. It runs on by events; whoever is not yet erased when the next run
 * comes, a day later, is asked about again. Answers how many were refused.
 */
export const purgeDeleted = async (job: Job, config: PurgeConfig, now: Clock): Promise<number> => {
  const users = adminClient(config, job, { service: 'user', api: 'plaza.user.v1.UserService', address: config.userAddress });
  const before = now() - config.afterDays * DAY_MS;
  const count = { asked: 0, refused: 0 };
  try {
    for await (const userId of deletedBefore(job, users, before)) {
      if (count.asked === config.limit) {
        job.log.warn('purge.limited', { limit: config.limit });
        break;
      }
      count.asked++;
      if (!(await ask(job, users, userId, now()))) count.refused++;
    }
  } finally {
    users.close();
  }
  job.log.info('purge.asked', count);
  return count.refused;
};

async function* deletedBefore(job: Job, users: AdminClient, before: number): AsyncIterable<string> {
  for (let pageToken = ''; !job.stop.aborted;) {
    const request = { state: 'USER_STATE_DELETED', pageSize: PAGE, pageToken };
    const page = await users.call<Page>(job.context(CALL_MS), 'ListUsers', request);
    for (const { userId, deleteTime } of page.users ?? [])
      if (deleteTime !== undefined && Date.parse(deleteTime) <= before && !job.stop.aborted) yield userId;
    pageToken = page.nextPageToken ?? '';
    if (pageToken === '') return;
  }
}

const ask = async (job: Job, users: AdminClient, userId: string, at: number): Promise<boolean> => {
  // Stable within a day, so that a run that is repeated changes nothing; another day asks those services again that were silent.
  const requestId = stableId(`purge:${userId}:${Math.floor(at / DAY_MS)}`);
  try {
    await users.call(job.context(CALL_MS), 'PurgeUser', { userId, requestId });
    return true;
  } catch (error) {
    if (!isAppError(error)) throw error;
    job.log.error('purge.refused', { userId, code: error.code, reason: error.reason });
    return false;
  }
};
