import { once } from 'node:events';

import {
  Metadata,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  type ServerReadableStream,
  type ServerWritableStream,
  type ServiceDefinition as GrpcService,
  type UntypedHandleCall,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Context } from '@plaza/core';

import { contractsOf, type MethodContract } from './contract.ts';
import { encodeMessage, type BoundService } from './definition.ts';
import { admitOwner } from './policy.ts';
import { rateLimitOf } from './rate-limits.ts';
import { callerGone, serveCall, type Serving } from './serve-call.ts';
import { requestDecoder } from './validate.ts';
import { streamTooSlow } from './watches.ts';

/** A handler as this file calls it: `bind` has checked its type against the definition. */
type Handler<Out> = (ctx: Context, input: never) => Out;

/** Makes of a bound service what grpc-js serves. @throws Error if a method has no policy, no handler, or limits without a limiter */
export const implement = (
  { definition, handlers }: BoundService,
  serving: Serving,
): { definition: GrpcService; implementation: UntypedServiceImplementation; contracts: MethodContract[] } => {
  const contracts = [...contractsOf(definition).values()];
  return {
    contracts,
    definition: Object.fromEntries(contracts.map((method) => [method.key, wireDefinition(method)])),
    implementation: Object.fromEntries(
      contracts.map((method) => {
        const handler = handlers[method.key];
        if (!handler) throw new Error(`${method.fullName} has no handler`);
        return [method.key, serve[method.kind](serving, method, handler as Handler<never>)];
      }),
    ),
  };
};

/** Requests pass as bytes: what cannot be decoded is ours to refuse, for grpc-js would call it an internal error. */
const wireDefinition = ({ fullName, definition }: MethodContract): GrpcService[string] => ({
  path: `/${fullName}`,
  requestStream: definition.requestStream,
  responseStream: definition.responseStream,
  requestSerialize: passThrough,
  requestDeserialize: passThrough,
  responseSerialize: passThrough,
  responseDeserialize: passThrough,
});

const passThrough = (bytes: Buffer): Buffer => bytes;

const unary = (serving: Serving, method: MethodContract, handler: Handler<Promise<never>>): handleUnaryCall<Buffer, Buffer> => {
  const decode = requestDecoder(method);
  const limited = rateLimitOf(method, serving.limiter);
  return (call, callback) => {
    void serveCall(serving, method, call, callback, async (ctx, ownerOnly) => {
      const request = decode(call.request);
      if (ownerOnly) admitOwner(ctx.caller, method, request);
      if (limited) await limited(ctx, call, request);
      const response = await handler(ctx, request as never);
      const bytes = encodeMessage(method.definition.responseType, response);
      if (!ctx.signal.aborted) callback(null, bytes);
    });
  };
};

const serverStream = (
  serving: Serving,
  method: MethodContract,
  handler: Handler<AsyncIterable<never>>,
): handleServerStreamingCall<Buffer, Buffer> => {
  const decode = requestDecoder(method);
  const limited = rateLimitOf(method, serving.limiter);
  return (call) => {
    const refuse = (status: object) => call.emit('error', status);
    void serveCall(serving, method, call, refuse, async (ctx, ownerOnly, letIn) => {
      const request = decode(call.request);
      if (ownerOnly) admitOwner(ctx.caller, method, request);
      if (limited) await limited(ctx, call, request);
      letIn();
      for await (const response of handler(ctx, request as never)) {
        if (ctx.signal.aborted) return;
        if (call.write(encodeMessage(method.definition.responseType, response))) continue;
        if (method.policy.watch) await drainedIn(serving.watches.slowMs, call, ctx);
        else await drained(call, ctx.signal);
      }
      if (!ctx.signal.aborted) call.end();
    });
  };
};

const clientStream = (
  serving: Serving,
  method: MethodContract,
  handler: Handler<Promise<never>>,
): handleClientStreamingCall<Buffer, Buffer> => {
  const decode = requestDecoder(method);
  const limited = rateLimitOf(method, serving.limiter);
  return (call, callback) => {
    void serveCall(serving, method, call, callback, async (ctx) => {
      if (limited) await limited(ctx, call);
      const response = await handler(ctx, decoded(call, decode) as never);
      const bytes = encodeMessage(method.definition.responseType, response);
      if (!ctx.signal.aborted) callback(null, bytes);
    });
  };
};

const serve: Readonly<
  Record<MethodContract['kind'], (serving: Serving, method: MethodContract, handler: Handler<never>) => UntypedHandleCall>
> = {
  unary,
  server_stream: serverStream,
  client_stream: clientStream,
};

async function* decoded(call: ServerReadableStream<Buffer, Buffer>, decode: (bytes: Buffer) => unknown): AsyncIterable<unknown> {
  for await (const bytes of call) yield decode(bytes as Buffer);
  // A caller of Node that goes away sends the end of its requests and, right behind, a reset: one turn of the loop tells
  // it from one that has finished. grpc-js notices the reset when it is to send headers.
  await new Promise((resolve) => setImmediate(resolve));
  call.sendMetadata(new Metadata());
  await new Promise((resolve) => process.nextTick(resolve));
  if (call.cancelled) throw callerGone();
}

/** Resolves when the reader has caught up; rejects when it is gone. */
const drained = async (call: ServerWritableStream<Buffer, Buffer>, signal: AbortSignal): Promise<void> => {
  await once(call, 'drain', { signal });
};

/** The same, but a watcher who never takes anything would keep a place for as long as a watch may last. */
const drainedIn = async (ms: number, call: ServerWritableStream<Buffer, Buffer>, { signal }: Context): Promise<void> => {
  const tooLong = AbortSignal.timeout(ms);
  await drained(call, AbortSignal.any([signal, tooLong])).catch((error: unknown) => {
    throw tooLong.aborted && !signal.aborted ? streamTooSlow() : error;
  });
};
