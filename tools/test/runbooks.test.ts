import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ALERTS } from '@plaza/deploy/src/observability/alerts.ts';
import { ROOT } from '@plaza/testing';
import { expect, test } from 'vitest';

import { allServices, findMethod } from '../src/call/names.ts';

const FOLDER = join(ROOT, 'docs/runbooks');
const PAGES = readdirSync(FOLDER).filter((name) => name.endsWith('.md'));

test.each(ALERTS)('$name has its page, which names it', ({ name, runbook }) => {
  expect(existsSync(join(FOLDER, `${runbook}.md`))).toBe(true);
  expect(textOf(`${runbook}.md`)).toContain(name);
  expect(textOf('README.md')).toContain(name);
});

test.each(PAGES)('the commands that %s names exist', (page) => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
  for (const [, script] of textOf(page).matchAll(/npm run ([\w-]+)/g)) expect(Object.keys(scripts)).toContain(script);
});

test.each(PAGES)('the RPCs that %s names exist', (page) => {
  for (const [, name] of textOf(page).matchAll(/npm run call -- ([A-Z]\w+)/g)) expect(() => findMethod(name!)).not.toThrow();
  const known = new Set(allServices().flatMap(({ methods }) => methods.map(({ name }) => name)));
  const verbs =
    /\b(?:Get|List|Batch|Create|Delete|Repair|Rebuild|Verify|Explain|Reconcile|Adjust|Cancel|Refund|Reserve|Place|Transfer)[A-Z]\w+/g;
  const named = [...textOf(page).matchAll(verbs)].map(([name]) => name).filter((name) => !NO_RPCS.has(name));
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});

test.each(PAGES)('the fields that %s gives to an RPC are fields of it', (page) => {
  for (const [, name, body] of textOf(page).matchAll(/npm run call -- ([A-Z]\w+) '(\{.*?\})'/g)) {
    const fields = findMethod(name!).input.fields.map(({ jsonName }) => jsonName);
    for (const field of Object.keys(JSON.parse(body!) as object)) expect(fields).toContain(field);
  }
});

/** Of AWS: metrics and actions that look like RPCs. */
const NO_RPCS = new Set(['GetRecords', 'CreateTable', 'DeleteTable']);

const textOf = (page: string): string => readFileSync(join(FOLDER, page), 'utf8');
