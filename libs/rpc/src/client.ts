import { once } from 'node:events';

import { AppError, type Context, type Log, type Metrics, type Tls } from '@plaza/core';

import { callMetrics } from './call-metrics.ts';
import { clientChannelOptions, createChannel } from './channel.ts';
import { securityOf } from './channel-security.ts';
import { openCall, type Calling } from './client-call.ts';
import { contractsOf, type MethodContract } from './contract.ts';
import { encodeMessage, type Client, type ServiceDefinition } from './definition.ts';
import { quietGrpc } from './quiet.ts';
import { fillRequestIds } from './request-id.ts';

export interface ClientOptions {
  /** host:port, or any grpc target such as `dns:///orders:4000`. */
  readonly target: string;
  /** The service that is meant, as its certificate names it; needed with `tls`. */
  readonly service?: string | undefined;
  readonly token: (ctx: Context) => string | undefined;
  /** Absent: plaintext. */
  readonly tls?: Tls | undefined;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * A typed client of one service. Every call has a deadline: the caller's less 5 ms for the hop, at most the method's
 * budget. Request id, trace and token travel along, and the caller's cancel cancels the call. Calls reject with the
 * AppError that the service threw, or with UNAVAILABLE PEER_UNAVAILABLE or DEADLINE_EXCEEDED if it did not answer.
 * @throws Error if the files of `tls` do not fit together
 */
export const createClient = <D extends ServiceDefinition>(
  definition: D,
  options: ClientOptions,
): Client<D> & { close(): void } => {
  quietGrpc();
  const contracts = contractsOf(definition);
  const security = securityOf(options);
  const channel = createChannel({
    target: options.target,
    credentials: security.credentials,
    options: { ...clientChannelOptions(contracts.values()), ...security.options },
    log: options.log,
    metrics: options.metrics,
  });
  const calling = { channel, token: options.token, metrics: callMetrics(options.metrics, 'client') };
  const calls = [...contracts].map(([key, method]) => [key, caller[method.kind](calling, method)]);
  const close = () => {
    channel.close();
    security.close();
  };
  return { ...(Object.fromEntries(calls) as Client<D>), close };
};

const unary = (calling: Calling, method: MethodContract) => {
  const { path, encode, decode } = codec(method);
  return async (ctx: Context, request: object): Promise<unknown> => {
    const call = openCall(calling, method, ctx);
    try {
      const answer = await new Promise<Buffer>((resolve, reject) => {
        const { client, metadata, options } = call;
        const running = client.makeUnaryRequest(path, same, same, encode(request), metadata, options, (error, bytes) => {
          if (error) reject(error);
          else resolve(bytes ?? Buffer.alloc(0));
        });
        call.follow(running);
      });
      const response = decode(answer);
      call.succeed();
      return response;
    } catch (error) {
      throw call.fail(error);
    }
  };
};

const serverStream = (calling: Calling, method: MethodContract) => {
  const { path, encode, decode } = codec(method);
  return async function* (ctx: Context, request: object): AsyncIterable<unknown> {
    const call = openCall(calling, method, ctx);
    const { client, metadata, options } = call;
    const running = client.makeServerStreamRequest(path, same, same, encode(request), metadata, options);
    // An error after the reader has left has no reader.
    running.on('error', () => undefined);
    call.follow(running);
    try {
      for await (const bytes of running) yield decode(bytes as Buffer);
      call.succeed();
    } catch (error) {
      throw call.fail(error);
    } finally {
      running.cancel();
      call.fail(left());
    }
  };
};

const clientStream = (calling: Calling, method: MethodContract) => {
  const { path, encode, decode } = codec(method);
  return async (ctx: Context, requests: AsyncIterable<object>): Promise<unknown> => {
    const call = openCall(calling, method, ctx);
    const { client, metadata, options } = call;
    const over = new AbortController();
    try {
      const answer = await new Promise<Buffer>((resolve, reject) => {
        const running = client.makeClientStreamRequest(path, same, same, metadata, options, (error, bytes) => {
          if (error) reject(error);
          else resolve(bytes ?? Buffer.alloc(0));
        });
        call.follow(running);
        const send = async () => {
          for await (const request of requests) {
            if (over.signal.aborted) return;
            if (!running.write(encode(request))) await once(running, 'drain', { signal: over.signal });
          }
          running.end();
        };
        send().catch((error: unknown) => {
          // If the call is over the answer is in; else the source of the requests broke, and that is the failure.
          reject(error);
          running.cancel();
        });
      });
      const response = decode(answer);
      call.succeed();
      return response;
    } catch (error) {
      throw call.fail(error);
    } finally {
      over.abort();
    }
  };
};

const caller = { unary, server_stream: serverStream, client_stream: clientStream };

const codec = ({ fullName, definition: { requestType, responseType } }: MethodContract) => ({
  path: `/${fullName}`,
  encode: (request: object): Buffer => {
    const message = requestType.fromPartial(request as never) as object;
    fillRequestIds(message);
    return encodeMessage(requestType, message as never);
  },
  decode: (bytes: Buffer): unknown => {
    try {
      return responseType.decode(bytes);
    } catch (cause) {
      throw new AppError('INTERNAL', 'INTERNAL', `the answer is no ${responseType.$type}`, { domain: 'plaza', cause });
    }
  },
});

const same = (bytes: Buffer): Buffer => bytes;

const left = (): AppError => new AppError('CANCELLED', 'CALL_CANCELLED', 'the reader went away');
