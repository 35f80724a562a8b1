import type { Circle } from '../domain/circle.ts';

const ID = 26;

/** Ids of 26 characters, each with one of its bits. */
export const packCircle = ({ version, ties, unheld }: Circle): string => {
  const parts = [`${version};${unheld.join(',')};`];
  for (const [userId, bits] of ties) parts.push(userId, String.fromCharCode(bits));
  return parts.join('');
};

/** @throws Error if it is nothing that was packed */
export const unpackCircle = (packed: string): Circle => {
  const [version = '', unheld = ''] = packed.split(';', 2);
  const from = version.length + unheld.length + 2;
  if (!/^\d+$/.test(version) || (packed.length - from) % (ID + 1) !== 0) throw new Error('not a circle');
  const ties = new Map<string, number>();
  for (let i = from; i < packed.length; i += ID + 1) ties.set(packed.slice(i, i + ID), packed.charCodeAt(i + ID));
  return { version: Number(version), ties, unheld: unheld === '' ? [] : unheld.split(',') };
};
