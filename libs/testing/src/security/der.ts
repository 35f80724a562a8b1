// The little of ASN.1's distinguished encoding that a certificate needs. Each function answers one encoded value.

const value = (tag: number, content: Uint8Array): Buffer => {
  const { length } = content;
  const bytes = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...bytes]), content]);
};

export const sequence = (...items: Uint8Array[]): Buffer => value(0x30, Buffer.concat(items));

export const set = (...items: Uint8Array[]): Buffer => value(0x31, Buffer.concat(items));

/** Of unsigned big-endian bytes. */
export const integer = (bytes: Uint8Array): Buffer =>
  value(0x02, Buffer.concat([Buffer.from([0]), bytes].slice(+(bytes[0]! < 0x80))));

export const TRUE = Buffer.from([0x01, 0x01, 0xff]);

export const text = (content: string): Buffer => value(0x0c, Buffer.from(content));

export const octets = (content: Uint8Array): Buffer => value(0x04, content);

/** Whole bytes, but for the last `unused` bits. */
export const bits = (content: Uint8Array, unused = 0): Buffer => value(0x03, Buffer.concat([Buffer.from([unused]), content]));

/** Tag `n` of the structure that it stands in; `constructed`: around another value, not instead of its tag. */
export const tagged = (n: number, content: Uint8Array, constructed: boolean): Buffer =>
  value((constructed ? 0xa0 : 0x80) | n, content);

/** Dotted, such as `2.5.4.3`. */
export const oid = (dotted: string): Buffer => {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return value(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
};

/** To the second, before 2050. */
export const time = (at: Date): Buffer => value(0x17, Buffer.from(`${at.toISOString().slice(2, 19).replaceAll(/\D/g, '')}Z`));

const base128 = (n: number): number[] => (n < 0x80 ? [n] : [...base128(n >> 7).map((byte) => byte | 0x80), n & 0x7f]);
