import type { Item } from '@plaza/dynamo';

import { PUBLIC, type Person, type Standing } from '../domain/tie.ts';

/** None stands for somebody of whom nothing was ever said. */
export const standingIn = (row: Item | undefined): Standing =>
  row ? { isPrivate: row['isPrivate'] === true, gone: row['gone'] === true } : PUBLIC;

/** The same, and the version of the profile that it is of. */
export const standsIn = (row: Item | undefined): Pick<Person, 'standing' | 'standingAsOf'> => ({
  standing: standingIn(row),
  standingAsOf: Number(row?.['version'] ?? 0),
});
