import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { errorsDocument } from '../src/docs/errors.ts';

test('docs/errors.md is what proto/ says: run npm run docs', () => {
  expect(readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')).toBe(errorsDocument());
});
