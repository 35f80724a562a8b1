import { startSpan, type Span } from '@plaza/core';

import type { MethodContract } from './contract.ts';

/** The span of one call, as one of its sides sees it. */
export const startCallSpan = ({ fullName }: MethodContract, side: 'server' | 'client', parent: string): Span =>
  startSpan(fullName, side, parent, { 'rpc.system.name': 'grpc', 'rpc.method': fullName });

/** Ends it with the name of the call's status code. */
export const endCallSpan = (span: Span, code: string): void => {
  span.set('rpc.response.status_code', code);
  span.end(code === 'OK' ? undefined : code);
};
