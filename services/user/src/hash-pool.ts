import { Worker } from 'node:worker_threads';

import type { HashCost } from './domain/phc.ts';

export interface HashJob extends HashCost {
  readonly password: string;
  readonly salt: Uint8Array;
  readonly tagLength: number;
}

/**
 * Threads for hashing alone: libuv's pool also serves DNS, files and other cryptography, which a flood of sign-ins must not stop.
 * A thread is started when a job finds none idle, so that the caller bounds their number; none keeps the process alive.
 */
export const createHashPool = () => {
  const threads = new Set<Worker>();
  const idle = new Set<Worker>();

  const start = (): Worker => {
    const thread = new Worker(new URL('./hash-worker.ts', import.meta.url));
    threads.add(thread);
    thread.unref();
    // Whoever waits for the thread hears of its error too; an idle one is only replaced.
    thread.on('error', () => undefined);
    thread.once('exit', () => {
      threads.delete(thread);
      idle.delete(thread);
    });
    return thread;
  };

  /** @throws Error if the thread dies of the job; the next one gets another thread. */
  const tagOf = async (job: HashJob): Promise<Uint8Array> => {
    const [thread = start()] = idle;
    idle.delete(thread);
    const tag = await answerOf(thread, job);
    idle.add(thread);
    return tag;
  };

  const close = async (): Promise<void> => {
    await Promise.all([...threads].map((thread) => thread.terminate()));
  };

  return { tagOf, close };
};

const answerOf = (thread: Worker, job: HashJob): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      thread.off('message', answered).off('error', failed).off('exit', ended);
      settle();
    };
    const answered = (tag: Uint8Array) => end(() => resolve(tag));
    const failed = (error: unknown) => end(() => reject(new Error('a hashing thread died', { cause: error })));
    const ended = () => failed(undefined);
    thread.on('message', answered).on('error', failed).on('exit', ended);
    thread.postMessage(job);
  });
