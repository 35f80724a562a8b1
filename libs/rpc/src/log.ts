import type { Log, LogFields } from '@plaza/core';
import { destination, pino, type Logger } from 'pino';

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
  // Lines that come while one is being written go out together with the next; at exit pino flushes what is left.
  return over(pino(settings, write ? { write } : destination({ fd: 1, sync: false })), {});
};

// Not pino's children: making one costs more than the one or two lines that a call's log writes.
const over = (logger: Logger, bound: LogFields): Log => ({
  debug: (event, fields) => logger.debug({ event, ...bound, ...fields }),
  info: (event, fields) => logger.info({ event, ...bound, ...fields }),
  warn: (event, fields) => logger.warn({ event, ...bound, ...fields }),
  error: (event, fields) => logger.error({ event, ...bound, ...fields }),
  with: (fields) => over(logger, { ...bound, ...fields }),
});
