import { expect, test } from 'vitest';

import { judge } from './visibility.ts';

test('one verdict per author, in the order asked for, doubles too', () => {
  expect(judge(['b', 'a', 'b'], new Set(['b']))).toEqual([
    { authorId: 'b', visible: true, following: true },
    { authorId: 'a', visible: true, following: false },
    { authorId: 'b', visible: true, following: true },
  ]);
});
