import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

import { guardProcess, releaseProcess } from './guard.ts';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Another user than ours, and the group of that number; takes root. */
  readonly uid?: number;
  /** Every line of stdout and stderr. */
  readonly onLine?: (line: string) => void;
}

/** A process that we started, and that goes when we go. */
export interface Child {
  /** 0 if it could not be started at all. */
  readonly pid: number;
  /** Resolves when the process and its output have ended; never rejects. */
  readonly exited: Promise<Exit>;
  running(): boolean;
  /** From now on, every further line too. */
  onLine(listener: (line: string) => void): void;
  /** Its last lines, for an error message. */
  tail(): readonly string[];
  signal(name: NodeJS.Signals): void;
  /** SIGTERM, and SIGKILL when `limitMs` have passed. */
  stop(limitMs: number): Promise<Exit>;
}

const TAIL_LINES = 60;

/**
 * It runs in a process group of its own: a Ctrl-C on the terminal reaches only us, and we end things in their order.
 */
export const startChild = (options: ChildOptions): Child => {
  const child = spawn(options.command, options.args, {
    env: options.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    ...(options.cwd && { cwd: options.cwd }),
    ...(options.uid !== undefined && { uid: options.uid, gid: options.uid }),
  });
  const pid = child.pid ?? 0;
  const lines: string[] = [];
  const listeners = options.onLine ? [options.onLine] : [];
  const take = (line: string) => {
    lines.push(line);
    if (lines.length > TAIL_LINES) lines.shift();
    for (const listener of listeners) listener(line);
  };
  createInterface({ input: child.stdout }).on('line', take);
  createInterface({ input: child.stderr }).on('line', take);

  if (pid > 0) guardProcess(pid);
  let ended: Exit | undefined;
  const exited = new Promise<Exit>((resolve) => {
    const end = (exit: Exit) => {
      if (!ended && pid > 0) releaseProcess(pid);
      ended ??= exit;
    };
    child.on('exit', (code, signal) => end({ code, signal }));
    child.on('close', (code, signal) => resolve({ code, signal }));
    child.on('error', (error) => {
      if (pid > 0) return;
      take(error.message);
      end({ code: null, signal: null });
      resolve({ code: null, signal: null });
    });
  });
  const signal = (name: NodeJS.Signals) => {
    if (!ended) child.kill(name);
  };

  return {
    pid,
    exited,
    running: () => ended === undefined,
    onLine: (listener) => void listeners.push(listener),
    tail: () => lines,
    signal,
    stop: async (limitMs) => {
      // A paused process cannot hear SIGTERM.
      signal('SIGCONT');
      signal('SIGTERM');
      const timer = setTimeout(() => signal('SIGKILL'), limitMs);
      const exit = await exited;
      clearTimeout(timer);
      return exit;
    },
  };
};
