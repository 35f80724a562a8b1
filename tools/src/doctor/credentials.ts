import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import type { Env } from '@plaza/core';

import { spanOf } from '../target/moment.ts';
import type { Target } from '../target/target.ts';
import { doubtful, ill, messageOf, well, type Finding } from './finding.ts';

const SOON_MS = 14 * 86_400_000;
const TOKEN_SOON_MS = 10 * 60_000;

/** Keys, tokens and certificates that this tool was given, and how long they are good for. */
export const lookAtCredentials = (target: Target, env: Env, now: number): Finding[] => [
  ...keysFinding(target),
  ...tokenFinding(env['TOKEN'], now),
  ...certificatesOf(target).flatMap((path) => (path === undefined ? [] : [certificateFinding(path, now)])),
];

const certificatesOf = ({ tlsAs }: Target): (string | undefined)[] => {
  const { certFile, caFile } = tlsAs('operator') ?? {};
  return [certFile, caFile];
};

const keysFinding = ({ home, local }: Target): Finding[] => {
  const path = join(home, 'keys.json');
  if (!local || !existsSync(path)) return [];
  const open = (statSync(path).mode & 0o077) !== 0;
  return [
    open ? doubtful('keys', `${path} can be read by others`, `chmod 600 ${path}`) : well('keys', 'readable by their owner alone'),
  ];
};

const tokenFinding = (token: string | undefined, now: number): Finding[] => {
  if (!token) return [];
  const help = 'npm start prints one; elsewhere your installation signs it with the user service’s key';
  try {
    const { exp = 0, role } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
      exp?: number;
      role?: string;
    };
    const left = exp * 1_000 - now;
    if (left <= 0) return [ill('TOKEN', `its time was over ${spanOf(-left)} ago`, help)];
    if (role !== 'admin') return [doubtful('TOKEN', `it is a ${role}’s, not an admin’s`, help)];
    return [
      left < TOKEN_SOON_MS ? doubtful('TOKEN', `good for ${spanOf(left)}`, help) : well('TOKEN', `good for ${spanOf(left)}`),
    ];
  } catch {
    return [ill('TOKEN', 'is no token', help)];
  }
};

const certificateFinding = (path: string, now: number): Finding => {
  try {
    const left = new X509Certificate(readFileSync(path)).validToDate.getTime() - now;
    if (left <= 0) return ill(path, `was over ${spanOf(-left)} ago`, 'docs/runbooks/certificates.md');
    return left < SOON_MS
      ? doubtful(path, `good for ${spanOf(left)}`, 'docs/runbooks/certificates.md')
      : well(path, `good for ${spanOf(left)}`);
  } catch (error) {
    return ill(path, `cannot be read: ${messageOf(error)}`, 'docs/runbooks/certificates.md');
  }
};
