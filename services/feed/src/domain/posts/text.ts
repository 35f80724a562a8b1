/** More than this many are plain text: a post is not an index. */
const MAX_HASHTAGS = 20;
const MAX_MENTIONS = 20;
const MAX_HASHTAG_LENGTH = 50;
/** The limits of a username, see the user service. */
const USERNAME_LENGTH = { min: 3, max: 30 };

// A sign inside a word is not a tag: "a#b", "mail@shop". Marks belong to the letter before them, so that the keycap "#⃣" is no sign.
// Joiners are of the word where its script needs them: Persian, and behind a virama; elsewhere they would make tags that look alike.
const HASHTAG =
  /(?<![\p{L}\p{M}\p{N}_#&/])#(?!\p{M})((?:[\p{L}\p{M}\p{N}_]|(?<=[\p{M}\p{Script=Arabic}\p{Script=Syriac}])[\u200c\u200d](?=\p{L}))+)/gu;
const MENTION = /(?<![\p{L}\p{M}\p{N}_@./])@([\p{L}\p{M}\p{N}_.]+)/gu;

/** What is not seen by itself: which picture of a character is meant, and where a word may be broken. */
const UNSEEN = /[\p{Variation_Selector}\u00ad]/gu;

/** One spelling for all that look and read the same. Lower case can leave what NFKC would join, hence twice. */
const fold = (text: string): string => text.replace(UNSEEN, '').normalize('NFKC').toLowerCase().normalize('NFKC');

/** Distinct folded hashtags without "#", in the order of the text, at most 20. A number alone ("#1") is none. */
export const hashtagsIn = (text: string): string[] =>
  distinct(
    matches(HASHTAG, text).filter((tag) => tag.length <= MAX_HASHTAG_LENGTH && /\p{L}/u.test(tag)),
    MAX_HASHTAGS,
  );

/** The hashtag that somebody means, with "#" or without, folded; undefined if no text could have it. */
export const hashtagOf = (given: string): string | undefined => {
  const [tag, ...more] = hashtagsIn(given.startsWith('#') || given.startsWith('＃') ? given : `#${given}`);
  return tag === undefined || more.length > 0 || fold(given).replace(/^#/, '') !== tag ? undefined : tag;
};

/** Distinct folded usernames without "@", in the order of the text, at most 20. The dot that ends a sentence is not of the name. */
export const mentionsIn = (text: string): string[] =>
  distinct(
    matches(MENTION, text)
      .map((name) => name.replace(/\.+$/, ''))
      .filter((name) => name.length >= USERNAME_LENGTH.min && name.length <= USERNAME_LENGTH.max),
    MAX_MENTIONS,
  );

const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** Characters as people count them: a letter with its marks is one, a composed emoji too. */
export const charactersIn = (text: string): number => {
  let count = 0;
  for (const _ of segmenter.segment(text)) count++;
  return count;
};

const matches = (pattern: RegExp, text: string): string[] => [...fold(text).matchAll(pattern)].map((match) => match[1] ?? '');

const distinct = (values: readonly string[], limit: number): string[] => [...new Set(values)].slice(0, limit);
