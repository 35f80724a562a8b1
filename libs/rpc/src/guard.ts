import { status as codes, type Server, type ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';

import { bare, DETAILS_KEY, toGrpc } from './status.ts';

/**
 * grpc-js itself refuses some calls: messages above its limit, broken frames and compression, malformed timeouts. Those
 * refusals too leave with ErrorInfo and under the right code; it calls most of them internal errors.
 */
export const explainEveryStatus: ServerInterceptor = (_method, call) => {
  const send = call.sendStatus.bind(call);
  call.sendStatus = (status) => {
    const explained = status.code === codes.OK || status.metadata?.get(DETAILS_KEY).length;
    if (explained) return send(status);
    const error = bare({ code: status.code, details: status.details ?? '' });
    send(toGrpc(error.code === 'UNAVAILABLE' ? new Error(status.details ?? '') : error, 'plaza'));
  };
  // Patched, not wrapped: the refusals that grpc-js makes itself do not pass through a wrapper.
  return call as ServerInterceptingCall;
};

/**
 * An unknown method is answered before any interceptor sees it, so it gets a handler of its own. The table of handlers
 * is private to grpc-js: if it ever moves, unknown methods are UNIMPLEMENTED without ErrorInfo, and a test says so.
 */
export const explainUnknownMethods = (server: Server): void => {
  const handlers: unknown = Reflect.get(server, 'handlers');
  if (!(handlers instanceof Map)) return;
  const find = handlers.get.bind(handlers);
  handlers.get = (path: string): unknown => find(path) ?? unknownMethod(path);
};

const unknownMethod = (path: string) => ({
  path,
  type: 'bidi',
  serialize: (bytes: Buffer) => bytes,
  deserialize: (bytes: Buffer) => bytes,
  func: (call: { emit(event: 'error', status: object): void }) =>
    call.emit('error', toGrpc(bare({ code: codes.UNIMPLEMENTED, details: '' }), 'plaza')),
});
