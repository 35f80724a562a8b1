import { headers as newHeaders, type MsgHdrs } from 'nats';

/** What travels beside the payload: the attributes of CloudEvents 1.0 in binary mode, and the W3C trace. */
export interface Envelope {
  readonly id: string;
  /** Full name of the message. */
  readonly subject: string;
  /** Epoch milliseconds. */
  readonly occurredAt: number;
  readonly aggregateId: string;
  readonly version: number;
  readonly trace: string;
  /** The durable that a redriven message is for. */
  readonly only?: string;
}

export const writeHeaders = (envelope: Envelope): MsgHdrs => {
  const headers = newHeaders();
  headers.set('ce-specversion', '1.0');
  headers.set('ce-id', envelope.id);
  headers.set('ce-type', envelope.subject);
  headers.set('ce-source', envelope.subject.split('.').slice(0, 2).join('.'));
  headers.set('ce-time', new Date(envelope.occurredAt).toISOString());
  headers.set('content-type', 'application/protobuf');
  headers.set('ce-aggregateid', envelope.aggregateId);
  headers.set('ce-aggregateversion', String(envelope.version));
  // The trace came in with a caller's request, so it is only sent on if it is one.
  if (TRACEPARENT.test(envelope.trace)) headers.set('traceparent', envelope.trace);
  if (envelope.only) headers.set('plaza-durable', envelope.only);
  return headers;
};

/** Undefined when the message did not come from this library. */
export const readHeaders = (headers: MsgHdrs | undefined): Envelope | undefined => {
  const id = headers?.get('ce-id');
  if (!headers || !id) return undefined;
  const only = headers.get('plaza-durable');
  return {
    id,
    subject: headers.get('ce-type'),
    occurredAt: Date.parse(headers.get('ce-time')) || 0,
    aggregateId: headers.get('ce-aggregateid'),
    version: Number(headers.get('ce-aggregateversion')) || 0,
    trace: headers.get('traceparent'),
    ...(only && { only }),
  };
};

/** What a span says of one message, under OpenTelemetry's names. */
export const messaging = (operation: 'send' | 'process', subject: string, id: string) => ({
  'messaging.system': 'nats',
  'messaging.operation.type': operation,
  'messaging.destination.name': subject,
  'messaging.message.id': id,
});

const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
