import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the loader stands. What is counted here is committed; the slice after it may be, and is repeated under the same request_ids. */
export interface DemoState {
  userIds: string[];
  productIds: string[];
  /** By position in the plan. */
  postIds: string[];
  credits: number;
  follows: number;
  orders: number;
  complete: boolean;
}

export interface StateFile {
  readonly state: DemoState;
  save(): void;
  /** Forgets everything: the tables turned out to be other ones. */
  reset(): void;
}

const EMPTY: DemoState = { userIds: [], productIds: [], postIds: [], credits: 0, follows: 0, orders: 0, complete: false };

export const openState = (dataDir: string, namespace: string): StateFile => {
  const path = join(dataDir, `demo${namespace && `-${namespace}`}.json`);
  const state: DemoState = {
    ...structuredClone(EMPTY),
    ...(existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as DemoState) : {}),
  };
  const save = () => {
    // Renamed into place: a crash while writing leaves the old state, not half of the new one.
    writeFileSync(`${path}.new`, JSON.stringify(state));
    renameSync(`${path}.new`, path);
  };
  return {
    state,
    save,
    reset: () => {
      Object.assign(state, structuredClone(EMPTY));
      save();
    },
  };
};

/** The same UUID for the same call of the same demo, so that a repeated call is recognised. */
export const requestIdOf = (kind: string, index: number): string => {
  const hex = createHash('sha256').update(`plaza-demo:${kind}:${index}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
};

/** Runs `work` over all items, `width` at a time; the first failure stops the rest. */
export const inParallel = async <T>(
  items: readonly T[],
  width: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> => {
  let next = 0;
  let failed = false;
  const lane = async () => {
    while (next < items.length && !failed) {
      const index = next++;
      try {
        await work(items[index]!, index);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await allEnded(Array.from({ length: width }, lane));
};

/** Like Promise.all, but a failure waits until the others have ended too: whoever then starts anew has no rival on the state file. */
export const allEnded = async (work: readonly Promise<void>[]): Promise<void> => {
  const failed = (await Promise.allSettled(work)).find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
};
