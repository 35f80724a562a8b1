import type { EnvReader, Tls } from '@plaza/core';

/** What every job reads. */
export const readLogLevel = (read: EnvReader): string => read.text('LOG_LEVEL', 'info');

/** What a job that calls services reads, besides their addresses. */
export const readAdmin = (read: EnvReader): { signingKey: string; tls: Tls | undefined } => ({
  signingKey: read.text('SIGNING_KEY'),
  tls: ['TLS_CERT_FILE', 'TLS_KEY_FILE', 'TLS_CA_FILE'].some((name) => read.optional(name) !== undefined)
    ? { certFile: read.text('TLS_CERT_FILE'), keyFile: read.text('TLS_KEY_FILE'), caFile: read.text('TLS_CA_FILE') }
    : undefined,
});
