import { fold } from '@plaza/core';

import { COMMON_PASSWORDS } from './common-passwords.ts';
import { passwordCommon } from './errors.ts';

/** The schema rules the length; beyond it only guessable passwords are refused, in any case (NIST SP 800-63B: no composition rules). */
export const assertUncommon = (password: string, field = 'password'): void => {
  if (COMMON_PASSWORDS.has(fold(password))) throw passwordCommon(field);
};
