import { randomBytes } from 'node:crypto';

/**
 * What stands in Redis under one id: a letter and 16 characters, then the rest. V and T carry the version in decimal, L a
 * random token. What follows is the encoded value of V and a random token of T: two deletes at one version are not one.
 *
 * The header is what a reader must find unchanged to fill: of a tombstone all of it, else the first 17 bytes.
 */
export type Entry =
  | { readonly kind: 'value'; readonly header: string; readonly payload: Uint8Array }
  /** The table holds nothing under this id. */
  | { readonly kind: 'negative' }
  /** Deleted at a version; the next reader asks the table. */
  | { readonly kind: 'tombstone'; readonly header: string; readonly version: number }
  /** Somebody is loading it. */
  | { readonly kind: 'lease'; readonly header: string };

const HEADER_BYTES = 17;

export const parseEntry = (bytes: Uint8Array): Entry => {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = text.toString('latin1', 0, HEADER_BYTES);
  switch (header[0]) {
    case 'V':
      return { kind: 'value', header, payload: text.subarray(HEADER_BYTES) };
    case 'N':
      return { kind: 'negative' };
    case 'T':
      return { kind: 'tombstone', header: text.toString('latin1'), version: Number(header.slice(1)) };
    default:
      return { kind: 'lease', header };
  }
};

export const valueEntry = (version: number, payload: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from(`V${digits(version)}`), payload]);

export const NEGATIVE_ENTRY = `N${'0'.repeat(16)}`;

export const tombstoneEntry = (version: number): string => `T${digits(version)}${token()}`;

export const leaseHeader = (): string => `L${token()}`;

const token = (): string => randomBytes(12).toString('base64url');

/** Versions are whole numbers from 0 to 2^53 - 1, which Lua's doubles compare exactly. */
const digits = (version: number): string => {
  if (!Number.isSafeInteger(version) || version < 0) throw new Error(`a version must be a safe integer from 0: ${version}`);
  return String(version).padStart(16, '0');
};
