import { Metadata, status as codes, type StatusObject } from '@grpc/grpc-js';
import { AppError, isAppError, type ErrorCode, type ErrorDetails } from '@plaza/core';
import { BadRequest, ErrorInfo, PreconditionFailure, RetryInfo } from '@plaza/proto/google/rpc/error_details';
import { Status } from '@plaza/proto/google/rpc/status';
import { ErrorReason } from '@plaza/proto/plaza/common/v1/error_reason';

export const DETAILS_KEY = 'grpc-status-details-bin';

// Trailers travel as HTTP/2 headers, and peers cap those at 8 to 16 KiB.
const MAX_VIOLATIONS = 25;
const MAX_MESSAGE = 500;

/**
 * Any failure as google.rpc.Status: ErrorInfo always, BadRequest, RetryInfo and PreconditionFailure where they apply.
 * What is not an AppError is a defect and says nothing about itself. Reasons common to all services get the domain
 * `plaza`; `defaultDomain`, such as `plaza.order`, stands for the others unless the error names its own.
 */
export const encodeStatus = (error: unknown, defaultDomain: string): Status => {
  if (!isAppError(error)) return encodeStatus(defect(), defaultDomain);
  const { code, reason, details } = error;
  const message = clip(error.message);
  const domain = details.domain ?? (reason in ErrorReason ? 'plaza' : defaultDomain);
  const any = [pack(ErrorInfo, { reason, domain, metadata: { ...details.metadata } })];
  if (details.violations?.length)
    any.push(
      pack(
        BadRequest,
        BadRequest.fromPartial({
          fieldViolations: details.violations.slice(0, MAX_VIOLATIONS).map(({ field, description }) => ({ field, description })),
        }),
      ),
    );
  if (code === 'FAILED_PRECONDITION')
    any.push(pack(PreconditionFailure, { violations: [{ type: reason, subject: domain, description: message }] }));
  if (details.retryAfterMs !== undefined)
    any.push(
      pack(RetryInfo, {
        retryDelay: {
          seconds: BigInt(Math.floor(details.retryAfterMs / 1_000)),
          nanos: (details.retryAfterMs % 1_000) * 1_000_000,
        },
      }),
    );
  return { code: codes[code], message, details: any };
};

/** The failure of one item of a batch, in the name of this service. */
export const statusOf = (error: unknown, service: string): Status => encodeStatus(error, `plaza.${service}`);

/** An error that came as google.rpc.Status, as it was thrown at the far end. */
export const decodeStatus = ({ code, message, details }: Status): AppError => {
  const info = unpack(ErrorInfo, details);
  const violations = unpack(BadRequest, details)?.fieldViolations.map(({ field, description }) => ({ field, description }));
  const delay = unpack(RetryInfo, details)?.retryDelay;
  return new AppError(codeName(code), info?.reason ?? 'INTERNAL', message, {
    domain: info?.domain ?? 'plaza',
    ...(info && { metadata: info.metadata }),
    ...(violations && { violations }),
    ...(delay && { retryAfterMs: Number(delay.seconds) * 1_000 + delay.nanos / 1_000_000 }),
  });
};

/** Any failure as grpc-js sends it. The request id goes along, so that a caller can name the call. */
export const toGrpc = (error: unknown, defaultDomain: string, requestId?: string): StatusObject => {
  const encoded = encodeStatus(error, defaultDomain);
  const metadata = new Metadata();
  metadata.set(DETAILS_KEY, Buffer.from(Status.encode(encoded).finish()));
  if (requestId !== undefined) metadata.set('x-request-id', requestId);
  return { code: encoded.code, details: encoded.message, metadata };
};

/** What a call ended with, as grpc-js reports it: the far end's own words if it said any, else a failure of the way there. */
export const fromGrpc = (status: StatusObject): AppError => {
  const [bytes] = status.metadata.get(DETAILS_KEY);
  if (Buffer.isBuffer(bytes)) {
    try {
      return decodeStatus(Status.decode(bytes));
    } catch (cause) {
      return new AppError('INTERNAL', 'INTERNAL', 'the answer carries an undecodable status', { domain: 'plaza', cause });
    }
  }
  return bare(status);
};

/** Every Plaza server explains itself, so a status without details was made by a grpc library: ours, or the one at the far end. */
export const bare = ({ code, details }: Pick<StatusObject, 'code' | 'details'>): AppError => {
  const made = (name: ErrorCode, reason: string, message: string, more?: ErrorDetails) =>
    new AppError(name, reason, message, { domain: 'plaza', ...more, cause: `${code} ${details}` });
  if (/larger than/.test(details)) return made('RESOURCE_EXHAUSTED', 'MESSAGE_TOO_LARGE', 'the message is too large');
  if (/decompress|deserializing|request message/.test(details))
    return made('INVALID_ARGUMENT', 'UNDECODABLE_MESSAGE', 'the bytes are not one message of the request type');
  if (/grpc-timeout/.test(details)) return made('INVALID_ARGUMENT', 'INVALID_FIELD', 'grpc-timeout is malformed');
  switch (code) {
    case codes.CANCELLED:
      return made('CANCELLED', 'CALL_CANCELLED', 'the call was cancelled');
    case codes.DEADLINE_EXCEEDED:
      return made('DEADLINE_EXCEEDED', 'DEADLINE_EXCEEDED', 'the deadline passed before the answer came');
    case codes.RESOURCE_EXHAUSTED:
      return made('RESOURCE_EXHAUSTED', 'OVERLOADED', 'the peer takes no more calls now', { retryAfterMs: 200 });
    case codes.UNIMPLEMENTED:
      return made('UNIMPLEMENTED', 'METHOD_UNKNOWN', 'the server does not serve this method');
    case codes.UNAUTHENTICATED:
    case codes.PERMISSION_DENIED:
    case codes.NOT_FOUND:
      return made(codeName(code), codes[code], details);
    default:
      return made('UNAVAILABLE', 'PEER_UNAVAILABLE', 'the service did not answer');
  }
};

const defect = (): AppError => new AppError('INTERNAL', 'INTERNAL', 'internal error', { domain: 'plaza' });

const NAMES: ReadonlySet<string> = new Set<ErrorCode>([
  'CANCELLED',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'UNAUTHENTICATED',
]);

const codeName = (code: number): ErrorCode => {
  const name = codes[code];
  return name !== undefined && NAMES.has(name) ? (name as ErrorCode) : 'INTERNAL';
};

/** Well-formed, because grpc-js percent-encodes it and a lone surrogate would throw there. */
const clip = (message: string): string => message.slice(0, MAX_MESSAGE).toWellFormed();

interface Detail<T> {
  readonly $type: string;
  encode(message: T): { finish(): Uint8Array };
  decode(bytes: Uint8Array): T;
}

const TYPE_URL = 'type.googleapis.com/';

const pack = <T>(type: Detail<T>, message: NoInfer<T>): { typeUrl: string; value: Buffer } => ({
  typeUrl: TYPE_URL + type.$type,
  value: Buffer.from(type.encode(message).finish()),
});

const unpack = <T>(type: Detail<T>, details: Status['details']): T | undefined => {
  const found = details.find(({ typeUrl }) => typeUrl === TYPE_URL + type.$type);
  return found && type.decode(found.value);
};
