import type { Log, LogFields } from '@plaza/core';
import { pino, type Logger } from 'pino';

/**
 * A log of JSON lines on standard output, or wherever `write` puts them. What is handed to it is written: nothing
 * personal may be handed to it, and rpc itself logs no field of any request or answer.
 */
export const createLog = (options: { service: string; level?: string; write?: (line: string) => void }): Log => {
  const { service, level = 'info', write } = options;
  const settings = {
    level,
    base: { service },
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return over(write ? pino(settings, { write }) : pino(settings));
};

const over = (logger: Logger): Log => ({
  debug: (event, fields) => logger.debug({ event, ...fields }),
  info: (event, fields) => logger.info({ event, ...fields }),
  warn: (event, fields) => logger.warn({ event, ...fields }),
  error: (event, fields) => logger.error({ event, ...fields }),
  with: (fields: LogFields) => over(logger.child(fields)),
});
