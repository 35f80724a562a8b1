import { expect, test } from 'vitest';

import { changedPreferences, DEFAULT_PREFERENCES } from './preferences.ts';

test('nothing is shared until a person says so', () => {
  expect(DEFAULT_PREFERENCES.sharePurchases).toBe(false);
  const once = changedPreferences(DEFAULT_PREFERENCES, true, '');
  expect(once).toEqual({ sharePurchases: true, version: 1 });
  expect(changedPreferences(once, false, '1')).toEqual({ sharePurchases: false, version: 2 });
  const mismatch = { reason: 'ETAG_MISMATCH', details: { metadata: { etag: '1' } } };
  expect(() => changedPreferences(once, false, '0')).toThrow(expect.objectContaining(mismatch));
});
