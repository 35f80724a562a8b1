import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { tlsFiles, writeCertificates, type PeerName } from '@plaza/testing';
import { onTestFinished } from 'vitest';

/** A folder that is gone after the test. */
export const folder = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'plaza-tls-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  return dir;
};

/** The certificates of one authority, and what a client needs to call the graph with one of them. */
export const authority = () => {
  const dir = folder();
  writeCertificates(dir);
  const of = (name: PeerName) => tlsFiles(dir, name);
  return { dir, of, callsGraphAs: (name: PeerName) => ({ tls: of(name), service: 'social-graph' }) };
};
