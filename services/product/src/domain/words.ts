import { fold } from '@plaza/core';

import { queryEmpty } from './errors.ts';

/** What a product is found by: each word once, separated by spaces, in the name or only elsewhere. */
export type Words = { readonly name: string; readonly more: string };

/** So that all that search keeps of a product, and its change, fits into one transaction. */
export const MAX_WORDS = 32;
/** In all, in UTF-16 units: it bounds what a row of the index weighs, and with it what a search reads. */
const MAX_TEXT = 384;
/** Of one word, in code points. */
const MAX_LENGTH = 32;
/** Of a query. */
const MAX_QUERY_WORDS = 8;
/** So much of a description is looked at. */
const MAX_DESCRIPTION = 1000;

/**
 * Words that say nothing. Short on purpose: they are dropped for everybody, so that no word is here that means something in
 * another language, such as "für", which is "fur" without its accent.
 */
const STOP_WORDS: ReadonlySet<string> = new Set(
  [
    'a an and are as at be by for from in is it its of on or our that the this to with you your',
    'am auf aus das dem den der des die ein eine einem einen einer im mit und von zu zum zur',
    'au aux avec ce ces cette de du en et la le les sur un une',
  ].flatMap((language) => language.split(' ')),
);

/** The words of a product, those of its name first: of too many the last ones are left out. */
export const wordsOf = (product: { name: string; category: string; description: string }): Words => {
  const name = fitting(telling([...wordsIn(product.name, true)]), []);
  return { name: name.join(' '), more: fitting(otherWords(product), name).join(' ') };
};

const otherWords = function* ({ category, description }: { category: string; description: string }): Generator<string> {
  for (const text of [category, description.slice(0, MAX_DESCRIPTION)])
    for (const word of wordsIn(text, true)) if (!STOP_WORDS.has(word)) yield word;
};

/** @throws INVALID_ARGUMENT QUERY_EMPTY */
export const queryWords = (query: string): string[] => {
  const words = telling([...new Set(wordsIn(query, false))].slice(0, MAX_QUERY_WORDS));
  if (words.length === 0) throw queryEmpty();
  return words;
};

/** Its first code points: none is cut in two. */
export const cutWord = (word: string, length: number): string =>
  word.length <= length
    ? word
    : Array.from(word.slice(0, 2 * length))
        .slice(0, length)
        .join('');

/** A character alone begins too many words. */
export const isSingle = (word: string): boolean =>
  word.length === 1 || (word.length === 2 && word.codePointAt(0)! > LAST_OF_ONE_UNIT);

const LAST_OF_ONE_UNIT = 0xff_ff;

/** Whether the word of a query finds a word of a product. */
export const finds = (wanted: string, word: string): boolean => (isSingle(wanted) ? word === wanted : word.startsWith(wanted));

/** What has nothing but stop words, such as a book named "It", is found by them. */
const telling = (words: readonly string[]): string[] => {
  const kept = words.filter((word) => !STOP_WORDS.has(word));
  return kept.length > 0 ? kept : [...words];
};

/** Those that still have room beside the ones before. What comes after them is not even looked at. */
const fitting = (words: Iterable<string>, before: readonly string[]): string[] => {
  const all = new Set(before);
  let room = MAX_TEXT - before.reduce((sum, word) => sum + word.length + 1, 0);
  for (const word of words) {
    if (all.has(word)) continue;
    room -= word.length + 1;
    if (room < 0 || all.size === MAX_WORDS) break;
    all.add(word);
  }
  return [...all].slice(before.length);
};

/** Accents of Latin, Greek and Cyrillic, points of Hebrew and Arabic, and what is not seen at all. Other marks are parts of letters. */
const ACCENTS = /[\u0300-\u036f\u0591-\u05bd\u064b-\u065f\p{Cf}]/gu;
const RUNS = /[\p{L}\p{N}][\p{L}\p{M}\p{N}'’]*/gu;
const APOSTROPHES = /['’]+/;
/** Shorter ends, as in "don't" and "we'll", are no words. */
const MIN_END = 3;

/** Languages that put no spaces between words: these are found by dictionary. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const segmenter = new Intl.Segmenter('en', { granularity: 'word' });

/** Folded and without accents. With `ends`, "l'eau" is also "eau", so that both "leau" and "eau" find it. */
const wordsIn = function* (text: string, ends: boolean): Generator<string> {
  const plain = fold(text).normalize('NFD').replace(ACCENTS, '').normalize('NFC');
  for (const [run] of plain.matchAll(RUNS)) {
    const parts = run.split(APOSTROPHES);
    yield* segmentsOf(parts.join(''));
    if (ends && parts.length > 1 && parts.at(-1)!.length >= MIN_END) yield* segmentsOf(parts.at(-1)!);
  }
};

const TELLING = /[\p{L}\p{N}]/u;

const segmentsOf = (run: string): string[] =>
  UNSPACED.test(run)
    ? [...segmenter.segment(run)].flatMap(({ segment }) => (TELLING.test(segment) ? cut(segment) : []))
    : [cut(run)];

const cut = (word: string): string => cutWord(word, MAX_LENGTH);
