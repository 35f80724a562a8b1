import * as catalogue from './catalogue.ts';
import { DURABLES, type Consumable, type Owner } from './durables.ts';
import {
  beatSubject,
  eventSubject,
  inboxPrefix,
  markerSubject,
  queueName,
  redriveDurable,
  redriveSubject,
  signalSubject,
  streamName,
  taskSubject,
} from './names.ts';

/** Subjects that a user may publish to and subscribe to; all others are refused. */
export interface Permissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  /** Not to be published to, though a pattern of `publish` has it. */
  readonly refused?: readonly string[];
}

/** These follow their own events past the stream (`listen`): the watchers of an order are in any of its processes. */
const LISTENERS: readonly Owner[] = ['order'];

/**
 * All that one service does on the bus, in one namespace: it publishes its own events, tasks and signals, consumes by its own durables
 * what these are of, and makes its own stream and the queue where they are missing. Nobody may change, purge or delete a stream.
 */
export const permissionsOf = (owner: Owner, namespace: string): Permissions => {
  const consumed = durablesOf(owner, namespace).map((durable) => useOf(durable));
  const ownEvents = eventSubject(namespace, `plaza.${owner}.v1.>`);
  const beats = catalogue.sessionsRevoked.owner;
  const signals = declared('signal', owner).map(({ subject }) => signalSubject(namespace, subject));
  return {
    publish: [
      ...declared('event', owner).map(({ subject }) => eventSubject(namespace, subject)),
      markerSubject(namespace, owner),
      ...declared('task', owner).map(({ subject }) => taskSubject(namespace, subject)),
      taskSubject(namespace, redriveSubject(owner)),
      ...signals,
      ...(owner === beats ? [beatSubject(namespace, owner)] : []),
      ...makes(streamName(namespace, owner)),
      // The marker is looked for in it.
      `$JS.API.STREAM.MSG.GET.${streamName(namespace, owner)}`,
      ...makes(queueName(namespace)),
      ...consumed.flatMap(({ publish }) => publish),
    ].toSorted(),
    subscribe: [
      `${inboxPrefix(namespace, owner)}.>`,
      eventSubject(namespace, catalogue.sessionsRevoked.subject),
      beatSubject(namespace, beats),
      ...signals,
      ...(LISTENERS.includes(owner) ? [ownEvents] : []),
      ...consumed.flatMap(({ subscribe }) => subscribe),
    ].toSorted(),
  };
};

/** One consumer: where it is, and what it is of. */
export interface Durable {
  readonly stream: string;
  readonly durable: string;
  readonly filter: string;
}

/** Every consumer of a service, that of its redriven dead letters included. */
export const durablesOf = (owner: Owner, namespace: string): Durable[] => [
  ...Object.entries<Consumable>(DURABLES[owner]).map(([durable, type]) =>
    type.kind === 'task'
      ? { stream: queueName(namespace), durable, filter: taskSubject(namespace, type.subject) }
      : { stream: streamName(namespace, type.owner), durable, filter: eventSubject(namespace, type.subject) },
  ),
  {
    stream: queueName(namespace),
    durable: redriveDurable(owner),
    filter: taskSubject(namespace, redriveSubject(owner)),
  },
];

const useOf = ({ stream, durable, filter }: Durable): Permissions => ({
  publish: [
    // The server holds the filter in the subject against the one in the request.
    `$JS.API.CONSUMER.CREATE.${stream}.${durable}.${filter}`,
    `$JS.API.CONSUMER.INFO.${stream}.${durable}`,
    `$JS.API.CONSUMER.MSG.NEXT.${stream}.${durable}`,
    `$JS.ACK.${stream}.${durable}.>`,
  ],
  subscribe: [`$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.${stream}.${durable}`],
});

const makes = (stream: string): string[] => [`$JS.API.STREAM.INFO.${stream}`, `$JS.API.STREAM.CREATE.${stream}`];

const declared = (kind: string, owner: string): { subject: string }[] =>
  Object.values(catalogue).filter((type) => type.kind === kind && type.owner === owner);
