import { pause, type ServiceConfig } from '@plaza/core';

import { createLog } from './log.ts';

export interface Telemetry {
  /** Sends what is left, for a second at most. Never throws. */
  close(): Promise<void>;
}

const CLOSE_MS = 1_000;

/**
 * Records traces and sends them by OTLP over HTTP, if the configuration says where to; otherwise nothing of it is even loaded. Call it
 * before anything else is built. A collector that is away costs the spans, and one line in the log.
 * @param process as a trace shall name it, such as `feed-worker`
 */
export const startTelemetry = async (
  config: Pick<ServiceConfig, 'otlpEndpoint' | 'traceRatio' | 'logLevel'>,
  process: string,
): Promise<Telemetry> => {
  const { otlpEndpoint: endpoint, traceRatio = 1, logLevel } = config;
  if (endpoint === undefined) return { close: () => Promise.resolve() };
  const log = createLog({ service: process, level: logLevel });
  const { recordTraces } = await import('./record-traces.ts');
  const provider = recordTraces({ endpoint, ratio: traceRatio, process, log });
  return {
    close: () => Promise.race([provider.shutdown().catch(() => undefined), pause(CLOSE_MS)]),
  };
};
