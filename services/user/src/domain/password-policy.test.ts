import { fold } from '@plaza/core';
import { expect, test } from 'vitest';

import { COMMON_PASSWORDS } from './common-passwords.ts';
import { assertUncommon } from './password-policy.ts';

test('common passwords are refused in any case and width', () => {
  const common = ['password', 'PASSWORD', 'QwErTyUiOp', 'ｐａｓｓｗｏｒｄ１２３', 'Welcome2024!', 'Dragon@123', '1qaz2wsx'];
  for (const password of common)
    expect(() => assertUncommon(password)).toThrow(expect.objectContaining({ reason: 'PASSWORD_COMMON' }));
  expect(() => assertUncommon('correct horse battery staple')).not.toThrow();
});

test('every entry of the list can be met: folded, and long enough for the schema', () => {
  expect(COMMON_PASSWORDS.size).toBeGreaterThan(5000);
  expect([...COMMON_PASSWORDS].filter((password) => fold(password) !== password || password.length < 8)).toEqual([]);
});
