import type { Log } from '@plaza/core';

import type { BoundService } from './definition.ts';
import type { Limits } from './limits.ts';
import type { MetricsRegistry } from './metrics.ts';
import type { Verifier } from './tokens.ts';

export interface ServerOptions {
  readonly service: string;
  readonly listen: string;
  readonly adminListen: string;
  readonly allowPlaintext: boolean;
  readonly reflection: boolean;
  readonly services: readonly BoundService[];
  readonly verifier: Verifier;
  readonly log: Log;
  readonly metrics: MetricsRegistry;
  readonly limits?: Partial<Limits>;
  readonly status?: () => Promise<Record<string, unknown>>;
}

export interface RunningServer {
  readonly port: number;
  readonly adminPort: number;
  close(): Promise<void>;
}

export const startServer = (_options: ServerOptions): Promise<RunningServer> => Promise.reject(new Error('soon'));
