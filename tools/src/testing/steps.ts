import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface StepResult {
  readonly passed: number;
  readonly failed: number;
  readonly ok: boolean;
}

/** Runs one step under its name and says how long it took. */
export const runStep = async (
  name: string,
  step: () => Promise<StepResult>,
  say: (line: string) => void,
): Promise<StepResult> => {
  say(`\n── ${name}`);
  const start = performance.now();
  const result = await step();
  say(`── ${name}: ${result.ok ? 'ok' : 'FAILED'} in ${((performance.now() - start) / 1_000).toFixed(1)} s`);
  return result;
};

/** What `npm run check` runs. No test, so it counts only when it fails. */
export const checkStep = async (root: string, env: NodeJS.ProcessEnv): Promise<StepResult> => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: { check: string } };
  const code = await run(root, env, '/bin/sh', ['-c', scripts.check]);
  return { passed: 0, failed: code === 0 ? 0 : 1, ok: code === 0 };
};

/**
 * The tests of the projects that the last commit and whatever is not committed touch, or all since NX_BASE; nx knows which, and
 * keeps what passed before.
 */
export const nxAffected = async (root: string, env: NodeJS.ProcessEnv): Promise<StepResult> => {
  const code = await run(root, env, 'nx', [
    'affected',
    '-t',
    'test',
    `--base=${env['NX_BASE'] ?? 'HEAD~1'}`,
    '--parallel=1',
    '--outputStyle=static',
  ]);
  return { passed: 0, failed: code === 0 ? 0 : 1, ok: code === 0 };
};

type Output = 'inherit' | 'ignore';

/** The tests whose path contains one of these. */
export const vitestStep = async (
  root: string,
  env: NodeJS.ProcessEnv,
  filters: readonly string[],
  output: Output = 'inherit',
): Promise<StepResult> => {
  const folder = mkdtempSync(join(tmpdir(), 'plaza-test-'));
  const report = join(folder, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const code = await run(root, env, 'vitest', ['run', ...reporters, ...filters], output);
    return countsOf(report, code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** A run that broke before or beside its tests is a failure, though no test failed. */
const countsOf = (report: string, code: number): StepResult => {
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8')) as Record<string, number>;
    const failed = numFailedTests || (code === 0 ? 0 : 1);
    return { passed: numPassedTests ?? 0, failed, ok: code === 0 };
  } catch {
    return { passed: 0, failed: 1, ok: false };
  }
};

const run = (
  root: string,
  env: NodeJS.ProcessEnv,
  command: string,
  args: readonly string[],
  output: Output = 'inherit',
): Promise<number> =>
  new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env, stdio: output });
    child.on('error', (error) => {
      process.stderr.write(`${command}: ${error.message}\n`);
      resolve(1);
    });
    child.on('exit', (code) => resolve(code ?? 1));
  });
