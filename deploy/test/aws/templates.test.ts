import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { CelEngine, TemplateFile } from '@aws/cloudformation-validate';
import { afterAll, expect, test } from 'vitest';

import { alarms, evaluationsOf } from '../../src/aws/alarms.ts';
import { factsOf } from '../../src/aws/metrics.ts';

const folder = fileURLToPath(new URL('../../aws/derived/cloudformation/', import.meta.url));
const engine = new CelEngine();
afterAll(() => engine.free());

/** Two that are not given would be the same region twice. */
const GIVEN: Readonly<Record<string, Record<string, string>>> = {
  'tables.json': { SecondRegion: 'eu-west-1', ThirdRegion: 'eu-north-1' },
};

test.each(readdirSync(folder))('%s is a template that CloudFormation takes', { timeout: 60_000 }, (file) => {
  const found = engine.validateStandard(new TemplateFile(`${folder}${file}`), {
    severityLevel: 'WARN',
    parameterOverrides: GIVEN[file] ?? {},
  });
  expect(found.diagnostics.map(({ ruleId, message }) => `${ruleId} ${message}`)).toEqual([]);
});

test('every alarm is on a metric that there is, by dimensions and statistics that it has, as often as it is told', () => {
  const wrong = alarms().filter((alarm) => {
    const facts = factsOf(alarm.namespace, alarm.metric);
    const known = facts?.by.map((names) => names.join()) ?? [];
    const used = alarm.series.map((dimensions) => dimensions.map(({ name }) => name).join());
    return (
      // CloudWatch adds up ten at most.
      alarm.series.length > 9 ||
      !used.every((names) => known.includes(names)) ||
      !facts?.statistics.includes(alarm.statistic) ||
      !Number.isInteger(evaluationsOf(alarm))
    );
  });
  expect(wrong).toEqual([]);
  expect(new Set(alarms().map(({ name }) => name)).size).toBe(alarms().length);
});

test('every alarm leads to a runbook that there is', () => {
  const missing = alarms().filter(({ runbook }) => !existsSync(new URL(`../../../docs/runbooks/${runbook}.md`, import.meta.url)));
  expect(missing).toEqual([]);
});
