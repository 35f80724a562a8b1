import { createHash, createPublicKey, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { isIPv4 } from 'node:net';

import { bits, integer, octets, oid, sequence, set, tagged, text, time, TRUE } from './der.ts';

/** A certificate and its key, as PEM. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
}

/** What an authority signs with. */
export interface Signing {
  readonly name: string;
  readonly privateKey: KeyObject;
}

export interface Subject {
  readonly name: string;
  readonly uri: string;
  /** Names and IPv4 addresses under which it is reached. */
  readonly hosts: readonly string[];
}

const DAY_MS = 86_400_000;

/** An authority for development, good for ten years: ECDSA over P-256, as all that it signs. */
export const createAuthority = (name: string): Issued & Signing => {
  const { publicKey, privateKey } = newKeyPair();
  const cert = certificate({
    authority: { name, privateKey },
    subject: name,
    publicKey,
    days: 3_650,
    // Signs certificates, and none that signs others.
    extensions: [
      extension('2.5.29.19', sequence(TRUE, integer(Buffer.from([0]))), true),
      extension('2.5.29.15', bits(Buffer.from([0x06]), 1), true),
    ],
  });
  return { name, privateKey, cert, key: pemOf(privateKey) };
};

/** A certificate for both ends of a connection, from now on for so many days. */
export const issue = (authority: Signing, { name, uri, hosts }: Subject, days: number): Issued => {
  const { publicKey, privateKey } = newKeyPair();
  const names = [
    tagged(6, Buffer.from(uri), false),
    ...hosts.map((host) =>
      isIPv4(host) ? tagged(7, Buffer.from(host.split('.').map(Number)), false) : tagged(2, Buffer.from(host), false),
    ),
  ];
  const cert = certificate({
    authority,
    subject: name,
    publicKey,
    days,
    extensions: [
      extension('2.5.29.15', bits(Buffer.from([0x80]), 7), true),
      extension('2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.1'), oid('1.3.6.1.5.5.7.3.2'))),
      extension('2.5.29.17', sequence(...names)),
    ],
  });
  return { cert, key: pemOf(privateKey) };
};

interface Contents {
  readonly authority: Signing;
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly days: number;
  readonly extensions: readonly Buffer[];
}

const certificate = ({ authority, subject, publicKey, days, extensions }: Contents): string => {
  const now = Date.now();
  // Two authorities of one name are told apart by their keys.
  const keys = [
    extension('2.5.29.14', octets(keyId(publicKey))),
    extension('2.5.29.35', sequence(tagged(0, keyId(createPublicKey(authority.privateKey)), false))),
  ];
  const signedContents = sequence(
    tagged(0, integer(Buffer.from([2])), true),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ECDSA_WITH_SHA256,
    nameOf(authority.name),
    // Clocks differ.
    sequence(time(new Date(now - 300_000)), time(new Date(now + days * DAY_MS))),
    nameOf(subject),
    spki(publicKey),
    tagged(3, sequence(...extensions, ...keys), true),
  );
  const der = sequence(signedContents, ECDSA_WITH_SHA256, bits(sign('sha256', signedContents, authority.privateKey)));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
};

const ECDSA_WITH_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));

const nameOf = (common: string): Buffer => sequence(set(sequence(oid('2.5.4.3'), text(common))));

const extension = (id: string, content: Buffer, critical = false): Buffer =>
  sequence(oid(id), ...(critical ? [TRUE] : []), octets(content));

const spki = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });

const keyId = (key: KeyObject): Buffer => createHash('sha256').update(spki(key)).digest().subarray(0, 20);

const newKeyPair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

const pemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();
