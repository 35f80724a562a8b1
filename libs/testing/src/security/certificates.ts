import { createPrivateKey, X509Certificate } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Tls } from '@plaza/core';

import { SERVICES } from '../plaza/names.ts';
import { createAuthority, issue, type Signing } from './issue.ts';

/** Who may have a certificate: the services, whoever brings people's tokens to them, and who looks after all. */
export const PEERS = [...SERVICES, 'gateway', 'operator'] as const;
export type PeerName = (typeof PEERS)[number];

/** A server that is asked for by name and is nobody's peer; in a cluster it has a namespace of its own. */
const NATS = 'nats';

const LIFE_DAYS = 90;
const RENEW_DAYS = 30;
const AUTHORITY = 'Plaza development CA';

export interface CertificateOptions {
  /** The Kubernetes namespace in which the services are reached by name; `plaza` by default. */
  readonly namespace?: string;
  /** A certificate that ends within so many days is made anew; 30 by default, and with Infinity all are. */
  readonly renewDays?: number;
}

/**
 * Makes certificates for development in a folder: `ca.pem` and `ca-key.pem`, and `<peer>.pem` and `<peer>-key.pem` for each service, for
 * `gateway` and for `operator`; and one for the server of NATS. Only what is missing is made, or ends soon, or was signed by none of ca.pem. So an authority is
 * replaced by removing its key: the next one is added to those of ca.pem, and signs from then on.
 */
export const writeCertificates = (
  dir: string,
  { namespace = 'plaza', renewDays = RENEW_DAYS }: CertificateOptions = {},
): void => {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const signing = loadSigning(dir) ?? newAuthority(dir);
  const authorities = certificatesIn(readFileSync(join(dir, 'ca.pem'), 'utf8'));
  for (const name of [...PEERS, NATS]) {
    if (isGood(join(dir, `${name}.pem`), authorities, renewDays)) continue;
    const hosts = [name, `${name}.${name === NATS ? NATS : namespace}.svc`, 'localhost', '127.0.0.1'];
    const { cert, key } = issue(signing, { name, uri: `spiffe://plaza/${name}`, hosts }, LIFE_DAYS);
    put(dir, `${name}-key.pem`, key, 0o600);
    put(dir, `${name}.pem`, cert, 0o644);
  }
};

/** The files of one peer, or of NATS, in such a folder. */
export const tlsFiles = (dir: string, name: PeerName | typeof NATS): Tls => ({
  certFile: join(dir, `${name}.pem`),
  keyFile: join(dir, `${name}-key.pem`),
  caFile: join(dir, 'ca.pem'),
});

const loadSigning = (dir: string): Signing | undefined => {
  const file = join(dir, 'ca-key.pem');
  return existsSync(file) ? { name: AUTHORITY, privateKey: createPrivateKey(readFileSync(file)) } : undefined;
};

const newAuthority = (dir: string): Signing => {
  const authority = createAuthority(AUTHORITY);
  const file = join(dir, 'ca.pem');
  const earlier = existsSync(file) ? readFileSync(file, 'utf8') : '';
  put(dir, 'ca.pem', earlier + authority.cert, 0o644);
  put(dir, 'ca-key.pem', authority.key, 0o600);
  return authority;
};

const isGood = (file: string, authorities: readonly X509Certificate[], renewDays: number): boolean => {
  if (!existsSync(file)) return false;
  const certificate = new X509Certificate(readFileSync(file));
  const signed = authorities.some(({ publicKey }) => certificate.verify(publicKey));
  return signed && certificate.validToDate.getTime() - Date.now() > renewDays * 86_400_000;
};

const certificatesIn = (pem: string): X509Certificate[] =>
  (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map((one) => new X509Certificate(one));

/** Never half a file: a process may be reading. */
const put = (dir: string, name: string, content: string, mode: number): void => {
  const path = join(dir, name);
  writeFileSync(`${path}.new`, content, { mode });
  chmodSync(`${path}.new`, mode);
  renameSync(`${path}.new`, path);
};
