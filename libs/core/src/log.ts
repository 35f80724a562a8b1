export type LogFields = Readonly<Record<string, unknown>>;

/**
 * One JSON line per happening. `event` is dotted past tense, such as `order.rejected`; the rest are fields, never sentences.
 * The real one is made by libs/rpc (pino); nothing personal or secret may be handed to it.
 */
export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** A log that adds these fields to every line. */
  with(fields: LogFields): Log;
}

const ignore = () => undefined;

export const silentLog: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore, with: () => silentLog };

/** What may be logged of an error: kind, reason, message and stack. */
export const errorFields = (error: unknown): LogFields =>
  error instanceof Error
    ? { error: error.name, reason: 'reason' in error ? error.reason : undefined, message: error.message, stack: error.stack }
    : { error: String(error) };
