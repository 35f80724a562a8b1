import process from 'node:process';

import { isAppError } from '@plaza/core';

import { refusalExit, refusalLines } from './refusal.ts';

/** 0 done · 1 refused, or something is wrong · 2 asked wrongly · 3 nobody answered: asking again may help. */
export type ExitCode = 0 | 1 | 2 | 3;

/** Why a tool cannot do what it was asked to, and the way out. */
export class Trouble extends Error {
  readonly exitCode: ExitCode;
  /** What to do about it, a line each. */
  readonly help: readonly string[];

  constructor(message: string, help: readonly string[], exitCode: ExitCode = 2) {
    super(message);
    this.name = 'Trouble';
    this.help = help;
    this.exitCode = exitCode;
  }
}

/** Runs a tool to its end: its help when it is asked for, troubles and refusals as people read them, and the exit code that scripts read. */
export const runTool = async (help: string, run: (args: string[]) => Promise<ExitCode>): Promise<never> => {
  const args = process.argv.slice(2);
  // Whoever reads has seen enough: `| head`.
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => process.exit(code === 'EPIPE' ? 0 : 1));
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(help);
    process.exit(0);
  }
  try {
    process.exit(await run(args));
  } catch (error) {
    process.stderr.write(`${linesOf(error).join('\n')}\n`);
    process.exit(exitCodeOf(error));
  }
};

const linesOf = (error: unknown): string[] => {
  if (error instanceof Trouble) return [error.message, ...error.help.map((line) => `  ${line}`)];
  if (isAppError(error)) return refusalLines(error);
  if (isUsage(error)) return [error.message, '  --help tells what there is'];
  return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
};

const exitCodeOf = (error: unknown): ExitCode => {
  if (error instanceof Trouble) return error.exitCode;
  if (isAppError(error)) return refusalExit(error);
  return isUsage(error) ? 2 : 1;
};

/** An option that parseArgs does not know. */
const isUsage = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
