import {
  isSpanContextValid,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context as Parent,
  type Span,
} from '@opentelemetry/api';

const tracer = trace.getTracer('@plaza/rpc');
const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** A span of one call, under the span that a W3C traceparent names. Without an SDK it records nothing and only passes the parent on. */
export const startSpan = (name: string, kind: 'server' | 'client', traceparent: string): Span =>
  tracer.startSpan(
    name,
    { kind: kind === 'server' ? SpanKind.SERVER : SpanKind.CLIENT, attributes: { 'rpc.system': 'grpc' } },
    parentOf(traceparent),
  );

/** The traceparent that work below this span hands on; empty when there is no trace. */
export const traceparentOf = (span: Span): string => {
  const context = span.spanContext();
  if (!isSpanContextValid(context)) return '';
  return `00-${context.traceId}-${context.spanId}-${(context.traceFlags & 0xff).toString(16).padStart(2, '0')}`;
};

/** Ends the span with the call's status code name. */
export const endSpan = (span: Span, code: string): void => {
  span.setAttribute('rpc.grpc.status_code', code);
  if (code !== 'OK') span.setStatus({ code: SpanStatusCode.ERROR, message: code });
  span.end();
};

const parentOf = (traceparent: string): Parent => {
  const match = TRACEPARENT.exec(traceparent);
  if (!match) return ROOT_CONTEXT;
  const [, traceId = '', spanId = '', flags = '00'] = match;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true });
};
