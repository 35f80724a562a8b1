import fc from 'fast-check';
import { expect, test } from 'vitest';

import { finds, isSingle, MAX_WORDS, queryWords, wordsOf } from './words.ts';

const product = (name: string, description = '', category = 'tea') => ({ name, description, category });

test.each([
  ['Assam Tea', 'assam tea'],
  ['CRÈME Brûlée, Ÿ 100%', 'creme brulee y 100'],
  ['Straße ΣΊΣΥΦΟΣ', 'strasse σισυφοσ'],
  ['ｆｕｌｌ ﬁne', 'full fine'],
  ['The cup for the tea', 'cup tea'],
  ['It', 'it'],
  ["women's shoes", 'womens shoes'],
  ["L’eau d'Issey", 'leau eau dissey issey'],
  ['tea.great color:red a_b', 'tea great color red b'],
  ['soft­hyphen', 'softhyphen'],
  ['有機抹茶コーヒー豆', '有機 抹茶 コーヒー 豆'],
  ['ชาเขียวร้อน', 'ชา เขียว ร้อน'],
  ['が ﾊﾟﾝ', 'が パン'],
  ['हिन्दी किताब', 'हिन्दी किताब'],
  ['🫖 !?', ''],
  ['x'.repeat(40), 'x'.repeat(32)],
])('the words of %s', (name, words) => {
  expect(wordsOf(product(name, '', ''))).toEqual({ name: words, more: '' });
});

test('a word stands once, in the name if it is there, then come category and description', () => {
  expect(wordsOf(product('Green Tea', 'A tea so green, handpicked', 'hot-drinks'))).toEqual({
    name: 'green tea',
    more: 'hot drinks so handpicked',
  });
});

test.each([
  ['the best Tea tea', ['best', 'tea']],
  ['The', ['the']],
  ['a b c d e f g h i j', ['b', 'c', 'd', 'e', 'f', 'g', 'h']],
  ['L’EAU', ['leau']],
])('%s asks for', (query, words) => {
  expect(queryWords(query)).toEqual(words);
});

test('a query without a letter or a digit is refused by name', () => {
  for (const query of [' ', '!?', '🫖', "''"])
    expect(() => queryWords(query)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', reason: 'QUERY_EMPTY' }));
});

test('a single character is a whole word, also one of two UTF-16 units; longer ones begin words', () => {
  const cases: [string, string][] = [
    ['t', 'tea'],
    ['t', 't'],
    ['te', 'tea'],
    ['𠮷', '𠮷野'],
    ['𠮷', '𠮷'],
    ['𠮷野', '𠮷野家'],
  ];
  expect(cases.map(([wanted, word]) => finds(wanted, word))).toEqual([false, true, true, false, true, true]);
});

test('whatever the text: words are few, short, distinct, without spaces, and what is spelled otherwise is the same', () => {
  fc.assert(
    fc.property(text, text, text, (name, description, category) => {
      const { name: named, more } = wordsOf({ name, description, category });
      const words = [...wordsIn(named), ...wordsIn(more)];
      expect(words.length).toBeLessThanOrEqual(MAX_WORDS);
      expect(new Set(words).size).toBe(words.length);
      expect(named.length + more.length).toBeLessThanOrEqual(384);
      for (const word of words) {
        expect(word).toMatch(/^[\p{L}\p{N}\p{M}]+$/u);
        expect(Array.from(word).length).toBeLessThanOrEqual(32);
      }
      // Names are compared as they are stored: what comes out of the index goes in as a query unchanged.
      expect(wordsOf({ name: name.normalize('NFD'), description, category }).name).toBe(named);
    }),
  );
});

test('a product is found by each of its words, however they are spelled, and by what begins them', () => {
  fc.assert(
    fc.property(text, fc.nat(), fc.nat({ max: 32 }), (name, pick, length) => {
      const words = wordsIn(wordsOf({ name, description: '', category: '' }).name);
      fc.pre(words.length > 0);
      const word = words[pick % words.length]!;
      const begin = Array.from(word)
        .slice(0, 1 + length)
        .join('');
      for (const query of [word, word.toUpperCase(), word.normalize('NFD')]) {
        const [asked] = queryWords(query);
        expect(words.some((one) => finds(asked!, one))).toBe(true);
      }
      expect(isSingle(begin) || finds(begin, word)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

const wordsIn = (words: string): string[] => (words === '' ? [] : words.split(' '));

/** Of letters that fold, compose, join or stand alone. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'tea',
        'Äpfel',
        'É',
        'ß',
        'ς',
        'İ',
        'ı',
        'ﬁ',
        '豆',
        '抹茶',
        'ชา',
        "'",
        '’',
        '-',
        ' ',
        '.',
        '𠮷',
        '1',
        '½',
        'ǆ',
      ),
      fc.string({ unit: 'grapheme', maxLength: 3 }),
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(''));
