import { closeSync, existsSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import { pause } from '@plaza/core';
import { spawnService, type Exit, type ServiceProcess } from '@plaza/testing';

export interface SuperviseOptions {
  readonly name: string;
  readonly entry: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logDir: string;
  readonly say: (line: string) => void;
  /** Sees every line first; one that it answers with true is not logged. */
  readonly intercept?: (line: string) => boolean;
  /** Called once, with the reason, when the process crashed too often. */
  readonly onGiveUp: (reason: Error) => void;
  /** Before the first restart, doubled for each further one, in milliseconds; 500 by default. */
  readonly backoffMs?: number;
}

export interface Supervised {
  readonly name: string;
  readonly process: ServiceProcess;
  readonly logFile: string;
  restarts(): number;
  stop(limitMs: number): Promise<Exit>;
}

/** So many crashes in a row are no accident. One after a minute of peace is the first of a new row. */
const MAX_CRASHES = 5;
const PEACE_MS = 60_000;
const MAX_LOG_BYTES = 10_000_000;

/** Keeps one process running: a crash is said, and the process started again after a growing pause. */
export const supervise = async (options: SuperviseOptions): Promise<Supervised> => {
  const { name, say } = options;
  const log = openLog(options.logDir, name);
  const process = await firstStart(options, (line) => {
    if (!options.intercept?.(line)) log.write(line);
  });
  const stopping = new AbortController();
  let crashes = 0;
  let restarts = 0;

  const watch = async (): Promise<void> => {
    for (;;) {
      const since = Date.now();
      const exit = await process.exited;
      if (stopping.signal.aborted) return;
      crashes = Date.now() - since > PEACE_MS ? 1 : crashes + 1;
      const how = exit.signal ?? `code ${exit.code}`;
      if (crashes > MAX_CRASHES) {
        const tail = process.tail().slice(-15).join('\n  ');
        throw new Error(`${name} crashed ${crashes} times in a row (${how}); see ${log.path}\n  ${tail}`);
      }
      const wait = (options.backoffMs ?? 500) * 2 ** (crashes - 1);
      say(`${name} crashed (${how}); starting it again in ${wait / 1_000} s`);
      await pause(wait, stopping.signal);
      if (stopping.signal.aborted) return;
      restarts++;
      // A start that fails has ended the process: the next turn of the loop counts it as a crash.
      await process.restart().then(
        () => say(`${name} is up again`),
        () => undefined,
      );
    }
  };
  const watched = watch().catch((error: unknown) => options.onGiveUp(error as Error));

  return {
    name,
    process,
    logFile: log.path,
    restarts: () => restarts,
    stop: async (limitMs) => {
      stopping.abort();
      let exit = await process.stop(limitMs);
      await watched;
      // A restart that was under way when we stopped may have brought up another one.
      if (process.running()) exit = await process.stop(limitMs);
      log.close();
      return exit;
    },
  };
};

const FIRST_TRIES = 3;

/** On a busy machine an engine may not be quick enough for a process that starts; a second try finds it warm. */
const firstStart = async (options: SuperviseOptions, log: (line: string) => void): Promise<ServiceProcess> => {
  const { name, entry, env } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      return await spawnService({ name, entry, env, log });
    } catch (error) {
      if (attempt === FIRST_TRIES) throw error;
      options.say(`${name} did not start; trying again`);
    }
  }
};

const openLog = (folder: string, name: string) => {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.log`);
  if (existsSync(path) && statSync(path).size > MAX_LOG_BYTES) renameSync(path, `${path}.old`);
  let file: number | undefined = openSync(path, 'a');
  return {
    path,
    write: (line: string) => {
      if (file !== undefined) writeSync(file, `${line}\n`);
    },
    close: () => {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
};
