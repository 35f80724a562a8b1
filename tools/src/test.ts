import { ROOT, startEngines } from '@plaza/testing';

import { checkStep, nxAffected, runStep, vitestStep, type StepResult } from './testing/steps.ts';

// npm test: check, unit and integration tests, end-to-end tests, over one set of engines in memory.
// npm test -- libs/rpc: only the tests whose path contains that.
const chosen = process.argv.slice(2).filter((arg) => !arg.startsWith('-'));
/** Compares times until they are alike, which beside others takes it four times as long. */
const ALONE = 'services/user/test/sign-in-time.test.ts';
const say = (line: string) => process.stdout.write(`${line}\n`);

const results: StepResult[] = [];
let engines: Awaited<ReturnType<typeof startEngines>> | undefined;
try {
  engines = await startEngines({ report: ({ text, ms }) => say(`${(ms / 1_000).toFixed(2).padStart(6)} s  ${text}`) });
  const env = { ...process.env, ...engines.env };
  if (process.argv.includes('--affected')) {
    results.push(await runStep('affected', () => nxAffected(ROOT, env), say));
  } else if (chosen.length > 0) {
    results.push(await runStep('chosen', () => vitestStep(ROOT, env, chosen), say));
  } else {
    results.push(await runStep('check', () => checkStep(ROOT, env), say));
    results.push(
      await runStep(
        'unit and integration',
        () => vitestStep(ROOT, env, ['libs/', 'services/', 'tools/', 'bench/', 'deploy/', `--exclude=${ALONE}`]),
        say,
      ),
    );
    // These wait for what they want, however long it takes, and so bear company; what is alone measures time, or races.
    results.push(await runStep('crashes', () => vitestStep(ROOT, env, ['e2e/crash/', '--maxWorkers=4']), say));
    results.push(await runStep('end to end', () => vitestStep(ROOT, env, ['e2e/test/']), say));
    results.push(await runStep('end to end, alone', () => vitestStep(ROOT, env, ['e2e/alone/', ALONE, '--maxWorkers=1']), say));
  }
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  results.push({ passed: 0, failures: ['the engines'], ok: false });
}
await engines?.close();

const passed = results.reduce((sum, result) => sum + result.passed, 0);
const failures = results.flatMap((result) => result.failures);
// The last lines are what somebody reads who has only the end of the output.
say(`\n${[`${passed} passed, ${failures.length} failed`, ...failures].join('\n  failed: ')}`);
process.exit(results.every((result) => result.ok) ? 0 : 1);
