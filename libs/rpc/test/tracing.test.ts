import { randomBytes } from 'node:crypto';

import { trace, type Context as Parent, type Span, type SpanOptions, type SpanStatus, type Tracer } from '@opentelemetry/api';
import { AppError } from '@plaza/core';
import { afterAll, expect, test } from 'vitest';

import { alice, as, bob, context, eventually, graph, graphClient, refusal, serve } from './fixture.ts';

interface Recorded {
  readonly name: string;
  readonly kind: number;
  readonly id: string;
  readonly trace: string;
  readonly parent: string | undefined;
  status?: SpanStatus;
}

/** As much of an SDK as rpc can see of one. */
const recorder = (ended: Recorded[]): Tracer => {
  const startSpan = (name: string, options: SpanOptions = {}, parent?: Parent): Span => {
    const above = parent && trace.getSpanContext(parent);
    const traceId = above?.traceId ?? randomBytes(16).toString('hex');
    const spanId = randomBytes(8).toString('hex');
    const recorded: Recorded = { name, kind: options.kind ?? 0, id: spanId, trace: traceId, parent: above?.spanId };
    const plain = trace.wrapSpanContext({ traceId, spanId, traceFlags: 1 });
    return Object.assign(plain, {
      setStatus(status: SpanStatus) {
        recorded.status = status;
        return plain;
      },
      end: () => void ended.push(recorded),
    });
  };
  return { startSpan, startActiveSpan: () => undefined as never };
};

afterAll(() => trace.disable());

test('spans hang together over every hop, and say how the call ended', async () => {
  const ended: Recorded[] = [];
  trace.setGlobalTracerProvider({ getTracer: () => recorder(ended) });
  const far = await serve([graph({ follow: () => Promise.reject(new AppError('ABORTED', 'WRITE_CONFLICT', 'lost')) })]);
  const peer = graphClient(far.target, as.alice);
  const near = await serve([graph({ follow: (ctx, request) => peer.follow(ctx, request) })]);
  await refusal(graphClient(near.target, as.alice).follow(context(), { followerId: alice, followeeId: bob }));

  await eventually(() => expect(ended).toHaveLength(4));
  const [server, client] = [1, 2];
  const outer = ended.find(({ parent }) => parent === undefined);
  const chain = [outer];
  while (chain.length < 4) chain.push(ended.find(({ parent }) => parent === chain.at(-1)?.id));
  expect(chain.map((span) => span?.kind)).toEqual([client, server, client, server]);
  expect(new Set(ended.map((span) => span.trace)).size).toBe(1);
  for (const span of ended)
    expect(span).toMatchObject({ name: 'plaza.graph.v1.SocialGraphService/Follow', status: { message: 'ABORTED' } });
});
