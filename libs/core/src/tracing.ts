import {
  isSpanContextValid,
  ProxyTracerProvider,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context as Parent,
  type Span as Recorded,
  type Tracer,
} from '@opentelemetry/api';

/** One piece of work in a trace. It does nothing, and costs next to nothing, while the process records no traces. */
export interface Span {
  /** The W3C traceparent that work below this span hands on; empty when there is no trace. */
  readonly trace: string;
  /** Names and values as OpenTelemetry's conventions have them. Nothing personal: no key of a row, no field of a request. */
  set(name: string, value: string | number | readonly string[]): void;
  /** `failure`: what went wrong, as a stable name. */
  end(failure?: string): void;
}

type Kind = 'server' | 'client' | 'producer' | 'consumer';
type Attributes = Readonly<Record<string, string | number>>;

const KINDS: Readonly<Record<Kind, SpanKind>> = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** A span below the one that a traceparent names; without one it begins a trace. */
export const startSpan = (name: string, kind: Kind, parent: string, attributes: Attributes = {}): Span => {
  const recorder = recorderNow();
  if (!recorder) return TRACEPARENT.test(parent) ? { ...SILENT, trace: parent } : SILENT;
  return spanOf(recorder.startSpan(name, { kind: KINDS[kind], attributes: { ...attributes } }, parentOf(parent)));
};

/** The same for work that is of interest only as a part of something: where there is no trace, none begins. */
export const startSpanBelow = (name: string, kind: Kind, parent: string, attributes: Attributes): Span =>
  parent === '' || !recorderNow() ? SILENT : startSpan(name, kind, parent, attributes);

/** For log lines: by it they are found from the trace. */
export const traceIdOf = (traceparent: string): string | undefined => TRACEPARENT.exec(traceparent)?.[1];

const SILENT: Span = { trace: '', set: () => undefined, end: () => undefined };

/** Undefined while nobody has registered an SDK: the API's own silent tracer would build a span for each command. */
const recorderNow = (): Tracer | undefined => {
  const provider = trace.getTracerProvider();
  return provider instanceof ProxyTracerProvider ? provider.getDelegateTracer('@plaza/core') : provider.getTracer('@plaza/core');
};

const spanOf = (recorded: Recorded): Span => ({
  trace: traceparentOf(recorded),
  set: (name, value) => void recorded.setAttribute(name, typeof value === 'object' ? [...value] : value),
  end: (failure) => {
    if (failure !== undefined) recorded.setAttribute('error.type', failure);
    if (failure !== undefined) recorded.setStatus({ code: SpanStatusCode.ERROR, message: failure });
    recorded.end();
  },
});

const traceparentOf = (span: Recorded): string => {
  const context = span.spanContext();
  if (!isSpanContextValid(context)) return '';
  return `00-${context.traceId}-${context.spanId}-${(context.traceFlags & 0xff).toString(16).padStart(2, '0')}`;
};

const parentOf = (traceparent: string): Parent => {
  const match = TRACEPARENT.exec(traceparent);
  if (!match) return ROOT_CONTEXT;
  const [, traceId = '', spanId = '', flags = '00'] = match;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true });
};
