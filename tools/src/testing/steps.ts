import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

export interface StepResult {
  readonly passed: number;
  /** What failed, by name. */
  readonly failures: readonly string[];
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

/** A step that is no test counts only when it fails. */
const noTest = (name: string, code: number): StepResult => ({ passed: 0, failures: code === 0 ? [] : [name], ok: code === 0 });

/** What `npm run check` runs. */
export const checkStep = async (root: string, env: NodeJS.ProcessEnv): Promise<StepResult> => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: { check: string } };
  return noTest('check', await run(root, env, '/bin/sh', ['-c', scripts.check]));
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
  return noTest('affected', code);
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
    return countsOf(root, report, code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

interface Report {
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/** A run that broke before or beside its tests is a failure, though no test failed. */
const countsOf = (root: string, report: string, code: number): StepResult => {
  try {
    const { numPassedTests, testResults } = JSON.parse(readFileSync(report, 'utf8')) as Report;
    const failed = testResults.flatMap(({ name, assertionResults }) =>
      assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => `${relative(root, name)}: ${fullName}`),
    );
    const failures = failed.length === 0 && code !== 0 ? ['the run itself'] : failed;
    return { passed: numPassedTests, failures, ok: code === 0 };
  } catch {
    return { passed: 0, failures: ['the run itself'], ok: false };
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
