import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { PEERS, tlsFiles, writeCertificates } from '../src/index.ts';

test('each peer gets a certificate of one authority, for both ends of a connection, and a key that its owner alone reads', () => {
  const dir = folder();
  writeCertificates(dir, { namespace: 'shop' });
  const authority = new X509Certificate(contents(dir, 'ca.pem'));
  expect([authority.ca, authority.checkIssued(authority)]).toEqual([true, true]);
  for (const name of PEERS) {
    const { certFile, keyFile, caFile } = tlsFiles(dir, name);
    const certificate = new X509Certificate(readFileSync(certFile));
    expect(certificate.verify(authority.publicKey) && certificate.checkIssued(authority)).toBe(true);
    const names = `URI:spiffe://plaza/${name}, DNS:${name}, DNS:${name}.shop.svc, DNS:localhost, IP Address:127.0.0.1`;
    expect(certificate.subjectAltName).toBe(names);
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    expect(caFile).toBe(join(dir, 'ca.pem'));
  }
  expect(statSync(join(dir, 'ca-key.pem')).mode & 0o777).toBe(0o600);
});

test('what is good for a month is kept, what ends sooner is made anew by the same authority', () => {
  const dir = folder();
  writeCertificates(dir);
  const first = PEERS.map((name) => contents(dir, `${name}.pem`));
  writeCertificates(dir);
  expect(PEERS.map((name) => contents(dir, `${name}.pem`))).toEqual(first);
  const authority = contents(dir, 'ca.pem');
  // They are good for 90 days.
  writeCertificates(dir, { renewDays: 89 });
  expect(contents(dir, 'feed.pem')).toBe(first[PEERS.indexOf('feed')]);
  writeCertificates(dir, { renewDays: 91 });
  expect(contents(dir, 'feed.pem')).not.toBe(first[PEERS.indexOf('feed')]);
  expect(contents(dir, 'ca.pem')).toBe(authority);
});

test('an authority whose key is gone stays trusted beside the next one; one that is trusted no more has signed nothing', () => {
  const dir = folder();
  writeCertificates(dir);
  const [oldAuthority, oldCertificate] = [contents(dir, 'ca.pem'), contents(dir, 'order.pem')];
  rmSync(join(dir, 'ca-key.pem'));
  writeCertificates(dir);
  const both = contents(dir, 'ca.pem');
  expect(both.startsWith(oldAuthority) && both.length > oldAuthority.length).toBe(true);
  expect(contents(dir, 'order.pem')).toBe(oldCertificate);

  rmSync(join(dir, 'ca.pem'));
  rmSync(join(dir, 'ca-key.pem'));
  writeCertificates(dir);
  const next = new X509Certificate(contents(dir, 'ca.pem'));
  expect(new X509Certificate(contents(dir, 'order.pem')).verify(next.publicKey)).toBe(true);
});

const folder = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'plaza-certificates-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  return dir;
};

const contents = (dir: string, file: string): string => readFileSync(join(dir, file), 'utf8');
