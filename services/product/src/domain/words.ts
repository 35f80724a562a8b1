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
  const name = telling([...wordsIn(product.name, true)]);
  const rest = [product.category, product.description.slice(0, MAX_DESCRIPTION)].flatMap((text) => [...wordsIn(text, true)]);
  const more = rest.filter((word) => !STOP_WORDS.has(word));
  const kept = fitting([...new Set([...name, ...more])]);
  const named = new Set(name);
  return { name: kept.filter((word) => named.has(word)).join(' '), more: kept.filter((word) => !named.has(word)).join(' ') };
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

/** A word that begins many others says nothing about them. */
export const isSingle = (word: string): boolean => cutWord(word, 1) === word;

/** Whether the word of a query finds a word of a product. */
export const finds = (wanted: string, word: string): boolean => (isSingle(wanted) ? word === wanted : word.startsWith(wanted));

/** What has nothing but stop words, such as a book named "It", is found by them. */
const telling = (words: readonly string[]): string[] => {
  const kept = words.filter((word) => !STOP_WORDS.has(word));
  return kept.length > 0 ? kept : [...words];
};

const fitting = (words: readonly string[]): string[] => {
  const kept: string[] = [];
  let room = MAX_TEXT;
  for (const word of words.slice(0, MAX_WORDS)) {
    room -= word.length + 1;
    if (room < 0) break;
    kept.push(word);
  }
  return kept;
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
    for (const word of UNSPACED.test(run) ? segmentsOf(parts.join('')) : [parts.join('')]) yield cut(word);
    const end = parts.length > 1 ? parts.at(-1)! : '';
    if (ends && end.length >= MIN_END) yield cut(end);
  }
};

const segmentsOf = (run: string): string[] =>
  [...segmenter.segment(run)].flatMap(({ segment, isWordLike }) => (isWordLike ? segment : []));

const cut = (word: string): string => cutWord(word, MAX_LENGTH);
