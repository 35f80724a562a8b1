import type { Context } from '@plaza/core';

/** What ts-proto generates for a message, as far as rpc uses it. */
export interface MessageType {
  readonly $type: string;
  encode(message: never): { finish(): Uint8Array };
  decode(input: Uint8Array): unknown;
  fromPartial(object: never): unknown;
}

export interface MethodDefinition {
  readonly name: string;
  readonly requestType: MessageType;
  readonly requestStream: boolean;
  readonly responseType: MessageType;
  readonly responseStream: boolean;
}

/** A service as ts-proto's `generic-definitions` describes it. */
export interface ServiceDefinition {
  readonly name: string;
  readonly fullName: string;
  readonly methods: Readonly<Record<string, MethodDefinition>>;
}

type MessageOf<M extends MessageType> = ReturnType<M['decode']>;

type Builtin = Date | Uint8Array | string | number | boolean | bigint | undefined;

/** What a caller may leave out: absent fields take their proto default. */
export type DeepPartial<T> = T extends Builtin
  ? T
  : T extends readonly (infer U)[]
    ? readonly DeepPartial<U>[]
    : T extends { readonly $case: string; readonly value: unknown }
      ? { $case: T['$case']; value: DeepPartial<T['value']> }
      : { readonly [K in keyof T]?: DeepPartial<T[K]> | undefined };

type HandlerOf<M extends MethodDefinition> = M extends { requestStream: false; responseStream: false }
  ? (ctx: Context, request: MessageOf<M['requestType']>) => Promise<MessageOf<M['responseType']>>
  : M extends { requestStream: false; responseStream: true }
    ? (ctx: Context, request: MessageOf<M['requestType']>) => AsyncIterable<MessageOf<M['responseType']>>
    : M extends { requestStream: true; responseStream: false }
      ? (ctx: Context, requests: AsyncIterable<MessageOf<M['requestType']>>) => Promise<MessageOf<M['responseType']>>
      : never;

/** One function per RPC: unary, server stream or client stream. A handler that throws anything but an AppError has a defect. */
export type Handlers<D extends ServiceDefinition> = { readonly [K in keyof D['methods']]: HandlerOf<D['methods'][K]> };

type CallOf<M extends MethodDefinition> = M extends { requestStream: false; responseStream: false }
  ? (ctx: Context, request: DeepPartial<MessageOf<M['requestType']>>) => Promise<MessageOf<M['responseType']>>
  : M extends { requestStream: false; responseStream: true }
    ? (ctx: Context, request: DeepPartial<MessageOf<M['requestType']>>) => AsyncIterable<MessageOf<M['responseType']>>
    : M extends { requestStream: true; responseStream: false }
      ? (ctx: Context, requests: AsyncIterable<DeepPartial<MessageOf<M['requestType']>>>) => Promise<MessageOf<M['responseType']>>
      : never;

/** One function per RPC, as the caller sees it. Every failure is an AppError. */
export type Client<D extends ServiceDefinition> = { readonly [K in keyof D['methods']]: CallOf<D['methods'][K]> };

/** A handler with its types forgotten; only rpc calls it. */
export type AnyHandler = (ctx: Context, request: never) => unknown;

/** A service definition together with its handlers. */
export interface BoundService {
  readonly definition: ServiceDefinition;
  readonly handlers: Readonly<Record<string, AnyHandler>>;
}

export const bind = <D extends ServiceDefinition>(definition: D, handlers: Handlers<D>): BoundService => ({
  definition,
  handlers: handlers as Readonly<Record<string, AnyHandler>>,
});

/** The message's bytes, in a Buffer over the same memory. */
export const encodeMessage = (type: MessageType, message: never): Buffer => {
  const bytes = type.encode(message).finish();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
};
