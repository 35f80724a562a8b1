import { pause } from '@plaza/core';

/** Undefined when the time is up first. No timer is left behind, which would keep a process from ending. */
export const within = async <T>(ms: number, work: Promise<T>): Promise<T | undefined> => {
  const over = new AbortController();
  try {
    return await Promise.race([work, pause(ms, over.signal).then(() => undefined)]);
  } finally {
    over.abort();
  }
};
