import type { Item } from '@plaza/dynamo';

import { PUBLIC, type Standing } from '../domain/tie.ts';

/** None stands for somebody of whom nothing was ever said. */
export const standingIn = (row: Item | undefined): Standing =>
  row ? { isPrivate: row['isPrivate'] === true, gone: row['gone'] === true } : PUBLIC;
