import { ScalarType, type DescField, type DescMessage, type DescMethod, type DescService } from '@bufbuild/protobuf';
import { policyOf } from '@plaza/rpc';

import { commentOf } from './comments.ts';
import { allServices } from './names.ts';

/** All services, a line each. */
export const servicesText = (): string[] => {
  const services = allServices();
  const width = Math.max(...services.map(({ name }) => name.length));
  return services.map((service) => `${service.name.padEnd(width)}  ${service.methods.length} RPCs, ${service.typeName}`);
};

/** The RPCs of a service: who may call each, and with what. */
export const serviceText = ({ methods }: DescService): string[] =>
  methods.flatMap((method) => [
    `${method.name}${kindText(method)}: ${grantsText(method)}`,
    `    ${method.input.fields.map(fieldText).join(', ') || 'no fields'}`,
  ]);

/** Everything that the contract says of one RPC. */
export const methodText = (method: DescMethod): string[] => {
  const policy = policyOf(method);
  return [
    `${method.parent.typeName}/${method.name}${kindText(method)}`,
    ...indented(commentOf(method)),
    `  who: ${grantsText(method)}`,
    `  time: ${policy?.budgetMs || 1_000} ms`,
    ...(policy?.limits ?? []).map((limit) => `  limit: ${limit.count} in ${limit.windowS} s`),
    'request',
    ...messageText(method.input),
    'answer',
    ...messageText(method.output),
  ];
};

/** Messages within messages are told down to here: what is deeper is seldom asked for. */
const DEPTH = 2;

const messageText = (message: DescMessage, depth = 1): string[] =>
  message.fields.flatMap((field) => [
    `${'  '.repeat(depth)}${fieldText(field)}${field.oneof ? ` (one of ${field.oneof.name})` : ''}${afterDash(commentOf(field))}`,
    ...(field.message?.typeName.startsWith('plaza.') && depth < DEPTH ? messageText(field.message, depth + 1) : []),
  ]);

const fieldText = (field: DescField): string => `${field.jsonName} ${typeText(field)}`;

const typeText = (field: DescField): string => {
  switch (field.fieldKind) {
    case 'list':
      return `[${field.scalar === undefined ? nameOf(field) : scalarText(field.scalar)}]`;
    case 'map':
      return '{}';
    case 'scalar':
      return scalarText(field.scalar);
    default:
      return nameOf(field);
  }
};

const scalarText = (scalar: ScalarType): string => ScalarType[scalar].toLowerCase();

const nameOf = ({ message, enum: values }: DescField): string =>
  values === undefined ? (message?.name ?? '') : values.values.map(({ name }) => name).join('|');

const kindText = ({ methodKind }: DescMethod): string =>
  ({ unary: '', server_streaming: ' → stream', client_streaming: ' ← stream', bidi_streaming: ' ↔ stream' })[methodKind];

const grantsText = (method: DescMethod): string => {
  const policy = policyOf(method);
  if (policy === undefined) return 'nobody';
  return [
    policy.public && 'everybody',
    policy.user && 'users',
    policy.owner !== '' && `the user of ${policy.owner}`,
    policy.admin && 'admins',
    policy.services.length > 0 && `the services ${policy.services.join(', ')}`,
  ]
    .filter(Boolean)
    .join(', ');
};

const indented = (text: string): string[] => (text === '' ? [] : text.split('\n').map((line) => `  ${line.trim()}`));

const afterDash = (text: string): string => (text === '' ? '' : `: ${text.replaceAll(/\s*\n\s*/g, ' ')}`);
