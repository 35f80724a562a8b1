import { defineCounter, defineGauge, defineHistogram } from '@plaza/core';

const CALL = ['grpc_type', 'grpc_service', 'grpc_method'] as const;

// Under the names that gRPC dashboards know.
export const serverStarted = defineCounter('grpc_server_started_total', 'Calls begun', CALL);
export const serverHandled = defineCounter('grpc_server_handled_total', 'Calls ended, by status code', [...CALL, 'grpc_code']);
export const serverSeconds = defineHistogram('grpc_server_handling_seconds', 'From the start of a call to its status', CALL);
export const clientStarted = defineCounter('grpc_client_started_total', 'Calls of peers begun', CALL);
export const clientHandled = defineCounter('grpc_client_handled_total', 'Calls of peers ended, by status code', [
  ...CALL,
  'grpc_code',
]);
export const clientSeconds = defineHistogram(
  'grpc_client_handling_seconds',
  'From the start of a call of a peer to its status',
  CALL,
);

export const serverWatches = defineGauge('grpc_server_watches', 'Streams that live long, open now');
export const serverInFlight = defineGauge('grpc_server_in_flight', 'Calls that hold a place, now');
export const serverOverloaded = defineCounter('grpc_server_overloaded_total', 'Calls turned away because no place was free');
export const channelsReplaced = defineCounter(
  'grpc_client_channels_replaced_total',
  'Channels thrown away because they were stuck',
  ['target'],
);
export const sessionRefusals = defineCounter('session_refusals_total', 'Calls refused by the state of their session', ['reason']);
export const sessionAsks = defineCounter('session_asks_total', 'Questions whether a session lives, by answer', ['result']);
export const buildInfo = defineGauge('plaza_build_info', 'Always 1; what runs is in the labels', ['service', 'version', 'node']);
/** Set only where there is a certificate. */
export const tlsCertificateExpires = defineGauge(
  'tls_certificate_expires_seconds',
  'When the certificate shown to peers ends, or its authority if that is sooner, in epoch seconds',
);

// What prom-client says of every process, as far as a dashboard shows it.
export const processCpu = defineCounter('process_cpu_seconds_total', 'Processor time of the process');
export const processMemory = defineGauge('process_resident_memory_bytes', 'Memory of the process');
export const eventLoopLag = defineGauge(
  'nodejs_eventloop_lag_p99_seconds',
  'How late the event loop comes round, 99th percentile',
);
