import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import type { Sale, SaleResult } from './buyers.ts';
import type { Job, Load } from './generator.ts';
import type { FloorJob } from './order-floor.ts';

/** Runs one job in a generator process. */
export const generate = (job: Job): Promise<Load> => run<Load>('generator.ts', job);

/** Runs one sale in a process of buyers. */
export const sell = (sale: Sale): Promise<SaleResult> => run<SaleResult>('buyers.ts', sale);

/** Runs the floor of CreateOrder in a process of its own. */
export const floorOfOrders = (job: FloorJob): Promise<Load> => run<Load>('order-floor.ts', job);

const run = async <T>(file: string, job: object): Promise<T> => {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [path, JSON.stringify(job)]);
  return JSON.parse(stdout) as T;
};
