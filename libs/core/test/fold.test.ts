import { expect, test } from 'vitest';

import { fold } from '../src/index.ts';

test.each([
  ['Alice', 'alice'],
  ['ＡＬＩＣＥ', 'alice'],
  ['ﬁnn', 'FINN'],
  ['Straße', 'STRASSE'],
  ['ẞ', 'ss'],
  ['ΟΔΥΣΣΕΥΣ', 'οδυσσευς'],
  ['e\u0301mile', '\u00c9MILE'],
  ['K\u212Aelvin', 'kkelvin'],
  ['ⅷ', 'VIII'],
])('%s and %s are one name', (a, b) => {
  expect(fold(a)).toBe(fold(b));
});

test('letters that differ stay apart', () => {
  expect(new Set(['anna', 'ana', 'änna', 'anna_', 'anna.'].map(fold)).size).toBe(5);
});

test('every character folds to a form that folding, casing and recomposing leave alone', () => {
  const unstable = [];
  for (let code = 0; code < 0x110000; code++) {
    if (code >= 0xd800 && code < 0xe000) continue;
    const char = String.fromCodePoint(code);
    const folded = fold(char);
    if (folded === char && char.normalize('NFD') === char) continue;
    const variants = [folded, char.toUpperCase(), char.toLowerCase(), char.normalize('NFD'), char.normalize('NFKC')];
    if (variants.some((variant) => fold(variant) !== folded)) unstable.push(code);
  }
  expect(unstable).toEqual([]);
});
