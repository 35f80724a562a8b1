import { argon2Sync } from 'node:crypto';
import { constants, setPriority } from 'node:os';
import process from 'node:process';
import { parentPort } from 'node:worker_threads';

import type { HashJob } from './hash-pool.ts';

/**
 * A thread that hashes, one job at a time, and gives way to the threads that answer calls. Only Linux gives a thread a priority
 * of its own; elsewhere this would slow down the whole process.
 */
if (process.platform === 'linux') {
  try {
    setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // A container may forbid it. It hashes all the same.
  }
}

parentPort!.on('message', ({ password, salt, tagLength, memoryKiB, passes, lanes }: HashJob) => {
  const cost = { memory: memoryKiB, passes, parallelism: lanes, tagLength };
  parentPort!.postMessage(argon2Sync('argon2id', { message: password, nonce: salt, ...cost }));
});
