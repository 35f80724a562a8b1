import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT } from '@plaza/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { runStep, vitestStep } from '../src/testing/steps.ts';

let suite: string;
beforeAll(() => {
  // Below the root, so that it finds the runner; not where the real tests are.
  mkdirSync(join(ROOT, '.plaza'), { recursive: true });
  suite = mkdtempSync(join(ROOT, '.plaza/steps-'));
});
afterAll(() => rmSync(suite, { recursive: true }));

test('counts and names are those of the runner', async () => {
  write('counted', "test('a', () => {}); test('b', () => { throw new Error('on purpose'); });");
  expect(await vitestStep(suite, quiet(), ['counted'], 'ignore')).toEqual({
    passed: 1,
    failures: ['counted.test.ts: b'],
    ok: false,
  });
});

test('a suite that cannot be loaded is a failure, though no test of it failed', async () => {
  write('broken', "import './missing.ts'; test('a', () => {});");
  expect(await vitestStep(suite, quiet(), ['broken'], 'ignore')).toEqual({
    passed: 0,
    failures: ['the run itself'],
    ok: false,
  });
});

test('a step says its name, its outcome and its time', async () => {
  const lines: string[] = [];
  await runStep(
    'walks',
    async () => ({ passed: 2, failures: [], ok: true }),
    (line) => lines.push(line),
  );
  expect(lines.at(-1)).toMatch(/^── walks: ok in \d+\.\d s$/);
});

const write = (name: string, body: string) =>
  writeFileSync(join(suite, `${name}.test.ts`), `import { test } from 'vitest';\n${body}\n`);

/** The runner under test is not told that it runs inside another. */
const quiet = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST') && name !== 'TEST'));
