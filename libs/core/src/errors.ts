/** The names of the gRPC status codes that our code answers with. */
export type ErrorCode =
  | 'CANCELLED'
  | 'INVALID_ARGUMENT'
  | 'DEADLINE_EXCEEDED'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'PERMISSION_DENIED'
  | 'RESOURCE_EXHAUSTED'
  | 'FAILED_PRECONDITION'
  | 'ABORTED'
  | 'UNIMPLEMENTED'
  | 'INTERNAL'
  | 'UNAVAILABLE'
  | 'UNAUTHENTICATED';

export interface FieldViolation {
  /** Path of the field in the request, such as `lines[2].quantity`. */
  readonly field: string;
  readonly description: string;
}

export interface ErrorDetails {
  /** Who refuses: `plaza` for reasons common to all services, else `plaza.<service>`. */
  readonly domain?: string;
  /** Facts that a program may act on. Nothing personal, nothing secret. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly violations?: readonly FieldViolation[];
  /** When to come back, in milliseconds. */
  readonly retryAfterMs?: number;
  /** For the log only; never on the wire. */
  readonly cause?: unknown;
}

/**
 * A refusal or failure with a name. `reason` is a stable UPPER_SNAKE constant of an ErrorReason enum in proto/; callers
 * may branch on it. Anything thrown that is not an AppError is a defect and leaves the process as INTERNAL.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly reason: string;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, reason: string, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = 'AppError';
    this.code = code;
    this.reason = reason;
    this.details = details;
  }
}

export const isAppError = (error: unknown, reason?: string): error is AppError =>
  error instanceof AppError && (reason === undefined || error.reason === reason);

/** For a `never`: the compiler proves that every case was handled, and a stray value at run time is a defect. */
export const unreachable = (value: never): never => {
  throw new Error(`unhandled case: ${String(value)}`);
};
