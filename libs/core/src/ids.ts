import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
let lastTime = 0;
let lastRandom = new Uint8Array(10);

/**
 * A ULID: 26 characters, sorted by time (48 bits of epoch milliseconds, then 80 random bits). Within one process ids
 * strictly ascend, also within one millisecond and when the clock steps back.
 */
export const newId = (now: number = Date.now()): string => {
  if (now > lastTime) {
    lastTime = now;
    lastRandom = new Uint8Array(randomBytes(10));
  } else {
    increment(lastRandom);
  }
  return encodeTime(lastTime) + encodeRandom(lastRandom);
};

/** Epoch milliseconds of a ULID. */
export const idTime = (id: string): number => {
  let time = 0;
  for (const char of id.slice(0, 10)) time = time * 32 + ALPHABET.indexOf(char);
  return time;
};

/** The smallest ULID of a time: lower bound for range reads. */
export const firstIdAt = (time: number): string => encodeTime(time) + '0'.repeat(16);

/** The greatest ULID of a time. */
export const lastIdAt = (time: number): string => encodeTime(time) + 'Z'.repeat(16);

/** The latest time that a ULID can hold, in epoch milliseconds. */
export const LAST_ID_TIME = 2 ** 48 - 1;

const MIRROR = new Map(Array.from(ALPHABET, (char, i) => [char, ALPHABET[31 - i]!]));

/** A text whose order among its like is the other way round: where a ULID is to sort newest first. Twice, and it is the id again. */
export const mirroredId = (id: string): string => {
  let mirror = '';
  for (const char of id) mirror += MIRROR.get(char) ?? char;
  return mirror;
};

const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
export const isId = (value: string): boolean => ULID.test(value);

const increment = (bytes: Uint8Array): void => {
  for (let i = bytes.length - 1; i >= 0; i--) {
    bytes[i] = (bytes[i]! + 1) & 0xff;
    if (bytes[i] !== 0) return;
  }
};

const encodeTime = (time: number): string => {
  let text = '';
  for (let rest = time, i = 0; i < 10; i++, rest = Math.floor(rest / 32)) text = ALPHABET[rest % 32]! + text;
  return text;
};

const encodeRandom = (bytes: Uint8Array): string => {
  let text = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += ALPHABET[(value >> (bits - 5)) & 31]!;
    value &= (1 << bits) - 1;
  }
  return text;
};
