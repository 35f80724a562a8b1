import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import type { Job, Load } from './generator.ts';

/** Runs one job in a generator process. */
export const generate = async (job: Job): Promise<Load> => {
  const path = fileURLToPath(new URL('generator.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [path, JSON.stringify(job)]);
  return JSON.parse(stdout) as Load;
};
