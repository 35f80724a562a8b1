import { createHash } from 'node:crypto';

const digest = (name: string): Buffer => createHash('sha256').update(`plaza-jobs:${name}`).digest();

/** The same UUID for the same name: a call that is repeated by another run is recognised. */
export const stableId = (name: string): string => {
  const hex = digest(name).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
};

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The same ULID for the same name, where a UUID will not do. It tells no time. */
export const stableUlid = (name: string): string => {
  const letters = [...digest(name).subarray(0, 26)].map((byte, i) => CROCKFORD[byte % (i === 0 ? 8 : 32)]!);
  return letters.join('');
};
