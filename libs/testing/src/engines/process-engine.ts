import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startChild, type Child } from '../processes/child.ts';
import { freePort, isFreePort } from '../processes/ports.ts';
import type { Engine, EngineName, EngineOptions } from './engine.ts';
import type { Binaries } from './find.ts';
import { answers } from './probe.ts';
import { CONFIG_FILE, SPECS } from './specs.ts';

const READY_MS = 60_000;
const STOP_MS = 5_000;

/** Starts an engine as a child process on 127.0.0.1. The caller has made sure that its binary is there. */
export const startProcessEngine = async (name: EngineName, bin: Binaries, options: EngineOptions): Promise<Engine> => {
  const spec = SPECS[name];
  const port = options.port ?? (await freePort());
  const url = `${spec.scheme}://${spec.login ?? ''}127.0.0.1:${port}`;
  // NATS always wants a folder, and Redis puts a snapshot somewhere; one of our own making goes when it stops.
  const temporary =
    options.dataDir === undefined && name !== 'dynamodb' ? mkdtempSync(join(tmpdir(), `plaza-${name}-`)) : undefined;
  const dataDir = options.dataDir ?? temporary;
  let child: Child | undefined;

  const start = async () => {
    if (child?.running()) return;
    // Else the probe would find a stranger there and take it for ours.
    if (!(await isFreePort(port))) throw new Error(`port ${port} is taken; ${name} cannot listen there`);
    if (dataDir !== undefined) mkdirSync(dataDir, { recursive: true });
    if (dataDir !== undefined && spec.config) writeFileSync(join(dataDir, CONFIG_FILE), spec.config());
    const command = spec.command(bin, port, dataDir);
    if (!command) throw new Error(`${name} is not installed`);
    const started = startChild({
      command: command.path,
      args: [...command.args, ...(options.args ?? [])],
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...command.env },
    });
    child = started;
    await Promise.race([answers(name, url, READY_MS), diedEarly(name, started)]).catch(async (error: unknown) => {
      await started.stop(0);
      throw error;
    });
  };
  const stop = async () => {
    await child?.stop(STOP_MS);
  };
  const kill = async () => {
    child?.signal('SIGKILL');
    await child?.exited;
  };

  await start();
  return {
    name,
    url,
    port,
    get pid() {
      return child?.running() ? child.pid : 0;
    },
    start,
    kill,
    stop: async () => {
      await stop();
      if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
    },
    pause: () => child?.signal('SIGSTOP'),
    resume: () => child?.signal('SIGCONT'),
    wipe: async () => {
      await kill();
      if (dataDir !== undefined) rmSync(dataDir, { recursive: true, force: true });
      await start();
    },
  };
};

const diedEarly = async (name: EngineName, child: Child): Promise<never> => {
  const exit = await child.exited;
  const how = exit.signal ?? `code ${exit.code}`;
  throw new Error(`${name} ended at once (${how}):\n${child.tail().slice(-10).join('\n')}`);
};
