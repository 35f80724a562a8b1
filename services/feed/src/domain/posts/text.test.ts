import fc from 'fast-check';
import { expect, test } from 'vitest';

import { hashtagOf, hashtagsIn, mentionsIn } from './text.ts';

test('hashtags are read without "#", folded, once each, in the order of the text', () => {
  expect(hashtagsIn('New #Tea and #COFFEE, more #tea! #Größe #日本語 #ＦＵＬＬ＿width')).toEqual([
    'tea',
    'coffee',
    'größe',
    '日本語',
    'full_width',
  ]);
});

test('what only looks like a hashtag is none: a number, a sign inside a word, a fragment of an address, a doubled sign', () => {
  expect(hashtagsIn('#1 place, a#b, https://shop.example/#top ##twice # alone &#39;')).toEqual([]);
});

test('a hashtag ends where the word ends, and a too long one is none', () => {
  expect(hashtagsIn(`#tea-time (#cups) #${'x'.repeat(50)} #${'y'.repeat(51)}`)).toEqual(['tea', 'cups', 'x'.repeat(50)]);
});

test('mentions are usernames without "@", folded, and do not swallow the end of the sentence', () => {
  expect(mentionsIn('@Anna.Maria thanks @bob. and (@CAROL), not me@shop.example nor @al or @@dora')).toEqual([
    'anna.maria',
    'bob',
    'carol',
  ]);
});

test('beyond twenty they are plain text', () => {
  const many = Array.from({ length: 30 }, (_, i) => `#tag${i} @user${i}`).join(' ');
  expect(hashtagsIn(many)).toHaveLength(20);
  expect(mentionsIn(many)).toHaveLength(20);
});

test('whatever the text, tags are distinct, folded, bounded, and found again when written as tags', () => {
  const words = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('#', '@', ' ', '.', 'İ', '﷽', 'ﬁ', 'ß'));
  fc.assert(
    fc.property(fc.array(words, { maxLength: 60 }), (parts) => {
      const text = parts.join('');
      for (const [sign, found, read] of [
        ['#', hashtagsIn(text), hashtagsIn],
        ['@', mentionsIn(text), mentionsIn],
      ] as const) {
        expect(new Set(found).size).toBe(found.length);
        expect(found.length).toBeLessThanOrEqual(20);
        expect(read(found.map((name) => `${sign}${name}`).join(' '))).toEqual(found);
      }
    }),
  );
});

test('a hashtag that is asked for is folded as in a text, with "#" or without; what no text could have is none', () => {
  for (const given of ['Tea', '#Tea', 'TEA', 'ｔｅａ', '＃tea']) expect(hashtagOf(given)).toBe('tea');
  for (const given of ['', '#', '1', 'tea pot', '#tea #pot', '##tea', 'tea!', 'x'.repeat(51)])
    expect(hashtagOf(given)).toBeUndefined();
});
