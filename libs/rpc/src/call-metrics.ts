import type { Metrics } from '@plaza/core';

import type { MethodContract } from './contract.ts';

/** The counts and times of one side's calls, under the names that gRPC dashboards know. */
export interface CallMetrics {
  started(method: MethodContract): void;
  handled(method: MethodContract, code: string, seconds: number): void;
}

export const callMetrics = (metrics: Metrics, side: 'server' | 'client'): CallMetrics => {
  const labels = ['grpc_type', 'grpc_service', 'grpc_method'];
  const started = metrics.counter(`grpc_${side}_started_total`, 'Calls begun', labels);
  const handled = metrics.counter(`grpc_${side}_handled_total`, 'Calls ended, by status code', [...labels, 'grpc_code']);
  const seconds = metrics.histogram(`grpc_${side}_handling_seconds`, 'Time from the start of a call to its status', labels);
  const of = ({ kind, service, method }: MethodContract) => ({ grpc_type: kind, grpc_service: service, grpc_method: method });
  return {
    started: (method) => started.add(of(method)),
    handled(method, code, elapsed) {
      handled.add({ ...of(method), grpc_code: code });
      seconds.observe(of(method), elapsed);
    },
  };
};
