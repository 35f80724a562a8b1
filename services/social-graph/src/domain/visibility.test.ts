import { expect, test } from 'vitest';

import { judge } from './visibility.ts';

test('one verdict per author, in the order asked for, doubles too', () => {
  expect(judge(['b', 'a', 'b'], { followed: new Set(['b']), gone: new Set() })).toEqual([
    { authorId: 'b', visible: true, following: true },
    { authorId: 'a', visible: true, following: false },
    { authorId: 'b', visible: true, following: true },
  ]);
});

test('nobody sees who is gone, not even those who follow', () => {
  expect(judge(['a', 'b'], { followed: new Set(['b']), gone: new Set(['b']) })).toEqual([
    { authorId: 'a', visible: true, following: false },
    { authorId: 'b', visible: false, following: true },
  ]);
});
