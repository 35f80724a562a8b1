import { trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type SpanExporter,
} from '@opentelemetry/sdk-trace';
import type { Log } from '@plaza/core';

import { VERSION } from './version.ts';

/** A batch that the collector does not take by then is dropped. */
const EXPORT_MS = 5_000;
const EVERY_MS = 1_000;
/** Spans that wait; what is beyond is dropped. About 10 MB. */
const MOST = 8_192;

/** Registers the SDK for the whole process. */
export const recordTraces = (options: { endpoint: string; ratio: number; process: string; log: Log }): TracerProvider => {
  const { endpoint, ratio, process, log } = options;
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces`, timeoutMillis: EXPORT_MS });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': process,
      'service.namespace': 'plaza',
      'service.version': VERSION,
    }),
    // Who began a trace has decided: half a trace tells nothing.
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: tellingOfLoss(exporter, log),
        scheduledDelayMillis: EVERY_MS,
        exportTimeoutMillis: EXPORT_MS,
        maxQueueSize: MOST,
      }),
    ],
  });
  trace.setGlobalTracerProvider(provider);
  return provider;
};

/** Says it when spans begin to be lost, and how many were when they go out again: a collector may be away for days. */
const tellingOfLoss = (exporter: SpanExporter, log: Log): SpanExporter => {
  let lost = 0;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const failed = result.error !== undefined;
        if (failed && lost === 0) log.warn('traces.lost', { message: result.error?.message.slice(0, 200) });
        if (!failed && lost > 0) log.info('traces.sent_again', { lost });
        lost = failed ? lost + spans.length : 0;
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
  };
};
