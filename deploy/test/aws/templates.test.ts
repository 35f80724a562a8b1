import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { CelEngine, TemplateFile } from '@aws/cloudformation-validate';
import { afterAll, expect, test } from 'vitest';

import { alarms } from '../../src/aws/alarms.ts';
import { METRICS } from '../../src/aws/metrics.ts';

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

test('every alarm is on a metric that there is, by dimensions that it has', () => {
  const wrong = alarms().filter(({ namespace, metric, series }) => {
    const known = (METRICS[namespace] as Readonly<Record<string, readonly (readonly string[])[]>>)[metric] ?? [];
    const used = series.map((dimensions) => dimensions.map((dimension) => dimension.name).join());
    // CloudWatch adds up ten at most.
    return series.length > 9 || !used.every((dimensions) => known.map((one) => one.join()).includes(dimensions));
  });
  expect(wrong).toEqual([]);
  expect(new Set(alarms().map(({ name }) => name)).size).toBe(alarms().length);
});
