import { fromBinary, toJson, type DescField, type DescMessage, type JsonValue } from '@bufbuild/protobuf';
import type { Followed } from '@plaza/events';
import { image } from '@plaza/rpc';

/** An event as it is told: one JSON object a line, or for people. */
export interface Told {
  readonly time: string;
  /** `OrderPaid`. */
  readonly type: string;
  readonly aggregateId: string;
  readonly version: number;
  readonly traceId: string;
  readonly eventId: string;
  /** Set when a dead letter was redriven: the one consumer that it is for. */
  readonly only?: string;
  readonly payload: JsonValue;
}

const REDACTED = '…';

/** @param options.showPersonal whether fields that the proto marks as personal are shown */
export const told = (event: Followed, { showPersonal }: { showPersonal: boolean }): Told => ({
  time: new Date(event.occurredAt).toISOString(),
  type: event.subject.split('.').at(-1) ?? event.subject,
  aggregateId: event.aggregateId,
  version: event.version,
  traceId: event.trace.split('-')[1] ?? '',
  eventId: event.id,
  ...(event.only !== undefined && { only: event.only }),
  payload: payloadOf(event, showPersonal),
});

/** As people read it: when, what, about whom, and what it says. */
export const lineOf = ({ time, type, aggregateId, version, traceId, only, payload }: Told): string =>
  [
    time,
    type.padEnd(20),
    `${aggregateId} v${version}`,
    JSON.stringify(payload),
    traceId === '' ? '' : `trace ${traceId}`,
    only === undefined ? '' : `again, for ${only} alone`,
  ]
    .filter(Boolean)
    .join('  ');

const payloadOf = ({ subject, payload }: Followed, showPersonal: boolean): JsonValue => {
  const { registry } = image();
  const schema = registry.getMessage(subject);
  if (schema === undefined) return `${payload.length} bytes of ${subject}, which this version does not know`;
  try {
    const json = toJson(schema, fromBinary(schema, payload), { registry });
    return showPersonal ? json : redacted(schema, json);
  } catch {
    return `${payload.length} bytes that are no ${subject}`;
  }
};

const redacted = (schema: DescMessage, json: JsonValue): JsonValue => {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return json;
  return Object.fromEntries(
    Object.entries(json).map(([name, value]) => {
      const field = schema.fields.find(({ jsonName }) => jsonName === name);
      return [name, field === undefined ? value : withoutPersonal(field, value)];
    }),
  );
};

const withoutPersonal = (field: DescField, value: JsonValue): JsonValue => {
  if (isPersonal(field)) return REDACTED;
  const { message } = field;
  if (message === undefined) return value;
  if (field.fieldKind === 'list' && Array.isArray(value)) return value.map((item) => redacted(message, item));
  return redacted(message, value);
};

/** The option is an extension that no runtime here has generated code for, so it is looked for by its number. */
const isPersonal = (field: DescField): boolean => {
  const number = image().registry.getExtension('plaza.common.v1.pii')?.number;
  return field.proto.options?.$unknown?.some(({ no }) => no === number) ?? false;
};
