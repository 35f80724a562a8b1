import { AppError } from '@plaza/core';
import { expect, test } from 'vitest';

import type { DemoOptions, DemoSummary } from '../src/demo/types.ts';
import { loadResuming } from '../src/launcher/resume.ts';
import { createScreen } from '../src/launcher/screen.ts';

const late = () => new AppError('DEADLINE_EXCEEDED', 'DEADLINE_EXCEEDED', 'too late', {});
const unknown = () => new AppError('NOT_FOUND', 'USER_NOT_FOUND', 'nobody', {});

test('a load that fails in passing goes on', async () => {
  const { summary, tries, output } = await loading([late(), late()]);
  expect(summary).toMatchObject({ users: 1 });
  expect(tries).toBe(3);
  expect(output).toContain('loading the demo: DEADLINE_EXCEEDED DEADLINE_EXCEEDED: too late; going on');
});

test('a failure that does not pass ends it at once, and so does one that never stops', async () => {
  expect(await loading([unknown()])).toMatchObject({ tries: 1, failure: expect.stringContaining('NOT_FOUND USER_NOT_FOUND') });
  expect(await loading(Array.from({ length: 99 }, late))).toMatchObject({
    tries: 30,
    failure: expect.stringContaining('goes on from there'),
  });
});

const loading = async (failures: AppError[]) => {
  let output = '';
  const screen = createScreen({ write: (text: string) => ((output += text), true) } as never);
  let tries = 0;
  const load = async () => {
    const failure = failures[tries++];
    if (failure) throw failure;
    return { users: 1 } as DemoSummary;
  };
  const options = { screen, stop: new AbortController().signal, waitMs: 1 };
  try {
    const summary = await loadResuming(load, () => ({}) as DemoOptions, options);
    return { tries, output, summary };
  } catch (error) {
    return { tries, output, failure: String(error) };
  }
};
