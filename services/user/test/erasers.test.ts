import { readdirSync } from 'node:fs';

import { expect, test } from 'vitest';

import { ERASING_SERVICES } from '../src/domain/purge.ts';

test('every service has its part in erasing a person', () => {
  const services = readdirSync(new URL('../..', import.meta.url), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(services.map(({ name }) => name).toSorted()).toEqual([...ERASING_SERVICES]);
});
