import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';

import { errorFields, type Log, type Metrics, type Tls } from '@plaza/core';

import { tlsCertificateExpires } from './metrics.ts';
import { peerNameOf } from './peer.ts';

/** Who this process is to its peers, and whom it believes: what its files say, read again when they change. */
export interface Identity {
  /** As it is now; for a handshake that begins now. */
  context(): SecureContext;
  options(): SecureContextOptions;
  /** Answers what ends it. */
  onChange(listener: () => void): () => void;
  /** Once by everybody who opened it. */
  close(): void;
}

/** The contents of the three files. */
type Files = Readonly<Record<keyof Tls, string>>;

interface Held {
  readonly options: SecureContextOptions;
  readonly context: SecureContext;
  /** Epoch seconds. */
  readonly expires: number;
}

/** Looked at, not watched: a mounted secret changes by a swapped link above the file, which no watcher of the file sees. */
const LOOK_EVERY_MS = 500;

/** A process has one, and opens it for its server and each of its clients. */
const open = new WeakMap<Tls, { identity: Omit<Identity, 'close'>; stop: () => void; users: number }>();

/**
 * Opens the identity of a process; the same files, given as the same object, are read once for all who open it.
 * Files that do not fit together later on are left alone, logged once, and what was read before stays.
 * @throws Error naming what is wrong with the files
 */
export const openIdentity = (tls: Tls, about: { readonly log: Log; readonly metrics: Metrics }): Identity => {
  const shared = open.get(tls) ?? { ...follow(tls, about), users: 0 };
  open.set(tls, shared);
  shared.users++;
  let closed = false;
  return {
    ...shared.identity,
    close() {
      if (closed) return;
      closed = true;
      if (--shared.users > 0) return;
      open.delete(tls);
      shared.stop();
    },
  };
};

const follow = (tls: Tls, { log, metrics }: { readonly log: Log; readonly metrics: Metrics }) => {
  const gauge = metrics.gauge(tlsCertificateExpires);
  const listeners = new Set<() => void>();
  let seen = readNow(tls);
  let judged = seen;
  let held = hold(seen, tls);
  gauge.set({}, held.expires);

  const look = async (): Promise<void> => {
    const found = await read(tls);
    // Whoever writes three files is done when two looks see the same.
    const settled = same(found, seen);
    seen = found;
    if (!settled || same(found, judged)) return;
    judged = found;
    try {
      held = hold(found, tls);
    } catch (error) {
      log.error('tls.kept_old', errorFields(error));
      return;
    }
    gauge.set({}, held.expires);
    log.info('tls.reloaded', { expires: new Date(held.expires * 1_000).toISOString() });
    for (const listener of listeners) listener();
  };
  const timer = setInterval(() => void look(), LOOK_EVERY_MS).unref();

  const identity = {
    context: () => held.context,
    options: () => held.options,
    onChange(listener: () => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  return { identity, stop: () => clearInterval(timer) };
};

/** @throws Error unless the three belong together: peers would refuse us, or we all of them. */
const hold = ({ certFile, keyFile, caFile }: Files, names: Tls): Held => {
  const chain = certificatesIn(certFile, names.certFile);
  const authorities = certificatesIn(caFile, names.caFile);
  const [own, last] = [chain[0]!, chain.at(-1)!];
  if (!own.checkPrivateKey(keyIn(keyFile, names.keyFile)))
    throw new Error(`${names.keyFile} is not the key of ${names.certFile}`);
  const issuer = authorities.find((authority) => last.checkIssued(authority) && last.verify(authority.publicKey));
  if (!issuer) throw new Error(`${names.certFile} was signed by none of ${names.caFile}`);
  if (peerNameOf(own.subjectAltName) === undefined)
    throw new Error(`${names.certFile} names nobody: it needs one URI, spiffe://plaza/<service>`);
  const options = { cert: certFile, key: keyFile, ca: caFile, minVersion: 'TLSv1.3' } as const;
  const expires = Math.min(...[...chain, issuer].map(({ validToDate }) => validToDate.getTime())) / 1_000;
  return { options, context: createSecureContext(options), expires };
};

const certificatesIn = (pem: string, file: string): X509Certificate[] => {
  const whole = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  // A list of authorities that was cut off would pass for a shorter one.
  if (whole.length === 0 || whole.length !== pem.split('-----BEGIN').length - 1)
    throw new Error(`${file} cannot be read, or is no whole certificate`);
  return whole.map((one) => new X509Certificate(one));
};

const keyIn = (pem: string, file: string) => {
  try {
    return createPrivateKey(pem);
  } catch {
    // What OpenSSL says of it helps nobody.
    throw new Error(`${file} cannot be read, or is no private key`);
  }
};

const FILES = ['certFile', 'keyFile', 'caFile'] as const;

/** A file that cannot be read is empty. */
const read = async (tls: Tls): Promise<Files> => {
  const texts = await Promise.all(FILES.map((file) => readFile(tls[file], 'utf8').catch(() => '')));
  return Object.fromEntries(FILES.map((file, i) => [file, texts[i]])) as Files;
};

const readNow = (tls: Tls): Files => Object.fromEntries(FILES.map((file) => [file, readFileSync(tls[file], 'utf8')])) as Files;

const same = (a: Files, b: Files): boolean => FILES.every((file) => a[file] === b[file]);
