import type { Log, LogFields } from '@plaza/core';

/** What an import tells while it runs, and what it adds up. */
export interface Progress {
  /** Line or message numbers of what is behind it. */
  reached(kind: string, done: number, of?: number): void;
  refused(kind: string, fields: LogFields): void;
  failures(): number;
}

const EVERY_MS = 5_000;

export const createProgress = (log: Log): Progress => {
  let failures = 0;
  let saidAt = 0;
  return {
    reached: (kind, done, of) => {
      if (done !== of && Date.now() - saidAt < EVERY_MS) return;
      saidAt = Date.now();
      log.info('import.progressed', { kind, done, of });
    },
    refused: (kind, fields) => {
      failures++;
      log.error('import.refused', { kind, ...fields });
    },
    failures: () => failures,
  };
};
