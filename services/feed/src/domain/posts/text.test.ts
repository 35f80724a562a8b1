import fc from 'fast-check';
import { expect, test } from 'vitest';

import { charactersIn, hashtagOf, hashtagsIn, mentionsIn } from './text.ts';

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

test.each([
  [
    'Arabic, with its comma, its question mark and vowel signs',
    '#سوق_القهوة، #تُفَّاح و#شاي #قهوة؟',
    ['سوق_القهوة', 'تُفَّاح', 'قهوة'],
  ],
  ['Persian, whose words hold a joiner', '#می\u200cخواهم چای', ['می\u200cخواهم']],
  ['Hebrew, with its hyphen and marks that turn the direction', '\u200f#שלום\u200f קפה־#תל_אביב', ['שלום', 'תל_אביב']],
  ['Devanagari, with its marks and its full stop', '#हिन्दी #क्षेत्र। #क्\u200dष', ['हिन्दी', 'क्षेत्र', 'क्\u200dष']],
  ['Thai, which has no spaces between words', 'ดื่ม #กาแฟดี ๆ', ['กาแฟดี']],
  ['Hangul, composed and not', `#한국어 #${'커피'.normalize('NFD')}`, ['한국어', '커피']],
  ['Japanese, with its punctuation, in half width too', '#日本語。「#大阪」、#ｶﾞｷﾞ', ['日本語', '大阪', 'ガギ']],
  ['Chinese, with signs in full width', '＃全角，＃ＡＢＣ！#葛\u{e0100}', ['全角', 'abc', '葛']],
  ['Greek and Cyrillic', '#Καφές; #Чай!', ['καφές', 'чай']],
  ['Spanish and French', '¿#qué? ¡#sí! «#été» #mañana…', ['qué', 'sí', 'été', 'mañana']],
  ['Turkish, whose dotted capital folds to a letter and a mark', '#İstanbul #ısı', ['i̇stanbul', 'ısı']],
  ['Bengali digits beside letters, and alone', '#২০২৬ক #২০২৬', ['২০২৬ক']],
  ['Deseret, beyond the first plane', '#𐐔𐐯𐑅', ['𐐼𐐯𐑅']],
] as const)('hashtags in %s', (_script, text, tags) => {
  expect(hashtagsIn(text)).toEqual(tags);
});

test('an emoji beside a hashtag ends it or lets it begin; inside it is none', () => {
  expect(hashtagsIn('☕#tea #party🎉 #a👨‍👩‍👧b 🇫🇷#été❤️')).toEqual(['tea', 'party', 'a', 'été']);
  expect(hashtagsIn('#🎉 #👩‍🚀 #️⃣ #️⃣abc #⃣x')).toEqual([]);
});

test('what looks the same is the same tag, and nothing that is not seen makes another', () => {
  expect(hashtagsIn('#café #cafe\u0301 #CAFÉ #ca\u00adfé #café\ufe0f')).toEqual(['café']);
  // A joiner that the script does not need ends the tag.
  expect(hashtagsIn('#te\u200da #te\u200c')).toEqual(['te']);
});

test('underscores are of the word, and alone no word', () => {
  expect(hashtagsIn('#_under #two__ #1_a #_ #__ #1_2 ＿#x')).toEqual(['_under', 'two__', '1_a']);
});

test('apostrophes and points end a hashtag, and a word takes no second sign', () => {
  expect(hashtagsIn("#tea's #v2.1 #tea#cups #漢字#仮名")).toEqual(['tea', 'v2', '漢字']);
});

test('mentions beside punctuation of several scripts, in full width, and between marks of direction', () => {
  expect(mentionsIn('「@anna」、@bob。 ¡@carol! ＠ＤＯＲＡ \u200f@emil\u200f @anna@frank ☕@gina')).toEqual([
    'anna',
    'bob',
    'carol',
    'dora',
    'emil',
    'gina',
  ]);
});

test.each([
  ['', 0],
  ['tea', 3],
  ['e\u0301', 1],
  ['\r\n', 1],
  ['👨‍👩‍👧', 1],
  ['👍🏽', 1],
  ['🇩🇪🇫🇷', 2],
  ['커피'.normalize('NFD'), 2],
  ['क्षि', 1],
  ['กำ', 1],
  ['a\u200db', 2],
])('%j is %i characters, as people count them', (text, characters) => {
  expect(charactersIn(text)).toBe(characters);
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
  const words = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('#', '@', ' ', '.', 'İ', '﷽', 'ﬁ', 'ß', 'ن', '\u200c', '\u200d', '\ufe0f', '\u094d'),
  );
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
