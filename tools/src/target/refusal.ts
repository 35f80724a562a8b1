import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { AppError } from '@plaza/core';
import { ROOT } from '@plaza/testing';

import type { ExitCode } from './trouble.ts';

/** A failure of a call with all that came along, and what docs/errors.md says of it. */
export const refusalLines = (error: AppError): string[] => {
  const { code, reason, message, details } = error;
  const { domain = 'plaza', metadata = {}, violations = [], retryAfterMs } = details;
  const known = knownReason(domain, reason);
  return [
    `${code} ${reason} (${domain}): ${message}`,
    ...violations.map(({ field, description }) => `  ${field}: ${description}`),
    ...Object.entries(metadata).map(([name, value]) => `  ${name} = ${value}`),
    ...(retryAfterMs === undefined ? [] : [`  come back in ${retryAfterMs / 1_000} s`]),
    ...(known === undefined ? [] : [`  it means: ${known}`]),
    ...(reason === 'POLICY_DENIED' || reason === 'TOKEN_MISSING'
      ? ['  as somebody else: --as user:<id or username>, admin, nobody']
      : []),
    ...(reason === 'PEER_UNAVAILABLE' ? ['  what is away: npm run doctor'] : []),
  ];
};

/** Somebody who is away, or too busy, may answer the next time. */
export const refusalExit = ({ code }: AppError): ExitCode =>
  code === 'UNAVAILABLE' || code === 'DEADLINE_EXCEEDED' || code === 'RESOURCE_EXHAUSTED' ? 3 : 1;

/** The catalogue is generated from the protos: a row a reason, a section a domain. */
export const knownReason = (domain: string, reason: string): string | undefined => {
  const sections = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8').split(/^## /m);
  const section = sections.find((text) => /^[\w.]+/.exec(text)?.[0] === domain);
  const row = section?.split('\n').find((line) => line.split('|')[1]?.trim() === reason);
  return row?.split('|')[3]?.trim();
};
