import type { Metrics } from '@plaza/core';

import type { MethodContract } from './contract.ts';
import { clientHandled, clientSeconds, clientStarted, serverHandled, serverSeconds, serverStarted } from './metrics.ts';

/** The counts and times of one side's calls. */
export interface CallMetrics {
  started(method: MethodContract): void;
  handled(method: MethodContract, code: string, seconds: number): void;
}

const DECLARED = {
  server: { started: serverStarted, handled: serverHandled, seconds: serverSeconds },
  client: { started: clientStarted, handled: clientHandled, seconds: clientSeconds },
};

export const callMetrics = (metrics: Metrics, side: 'server' | 'client'): CallMetrics => {
  const declared = DECLARED[side];
  const started = metrics.counter(declared.started);
  const handled = metrics.counter(declared.handled);
  const seconds = metrics.histogram(declared.seconds);
  const of = ({ kind, service, method }: MethodContract) => ({ grpc_type: kind, grpc_service: service, grpc_method: method });
  return {
    started: (method) => started.add(of(method)),
    handled(method, code, elapsed) {
      handled.add({ ...of(method), grpc_code: code });
      seconds.observe(of(method), elapsed);
    },
  };
};
