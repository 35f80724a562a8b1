import type { AdminClient } from '../admin-client.ts';
import type { Job } from '../run-job.ts';
import { isAppError } from '@plaza/core';
import { insist } from './batch.ts';

/** Files name people by their usernames, for ids are made by the service. Answers undefined for a name that nobody has. */
export type People = {
  know(username: string, userId: string): void;
  idOf(username: string): Promise<string | undefined>;
};

const CALL_MS = 3_000;

/** Those of this import, and whoever was there before; about 100 bytes a person. */
export const createPeople = (job: Job, users: AdminClient): People => {
  const known = new Map<string, string | undefined>();
  const ask = async (username: string): Promise<string | undefined> => {
    try {
      const call = () => users.call<{ user: { userId: string } }>(job.context(CALL_MS), 'GetUser', { username });
      return (await insist(job, call)).user.userId;
    } catch (error) {
      if (isAppError(error) && ['NOT_FOUND', 'INVALID_ARGUMENT'].includes(error.code)) return undefined;
      throw error;
    }
  };
  return {
    know: (username, userId) => known.set(username, userId),
    idOf: async (username) => {
      if (!known.has(username)) known.set(username, await ask(username));
      return known.get(username);
    },
  };
};
