import { durablesOf, type Permissions } from './access.ts';
import { OWNERS } from './durables.ts';
import { queueName, streamName } from './names.ts';

/**
 * All that an operator does on the bus, in one namespace: sees streams and consumers, and reads events by consumers of its own, of which
 * the server lets go by itself. It publishes nothing, changes no stream, and leaves the services' consumers alone. The queue is seen, not
 * read: who reads a task takes it.
 */
export const operatorPermissions = (namespace: string): Permissions => {
  const streams = OWNERS.map((owner) => streamName(namespace, owner));
  const theirs = OWNERS.flatMap((owner) => durablesOf(owner, namespace)).filter(({ stream }) => streams.includes(stream));
  return {
    publish: [
      '$JS.API.INFO',
      '$JS.API.STREAM.LIST',
      '$JS.API.STREAM.NAMES',
      ...[...streams, queueName(namespace)].flatMap(seen),
      ...streams.flatMap(read),
    ].toSorted(),
    // A pattern cannot tell an operator's consumers from a service's: whole tokens only.
    refused: theirs.flatMap(({ stream, durable }) => touched(stream, durable)).toSorted(),
    // Of the services' answers nothing arrives here: each has an inbox of its own.
    subscribe: ['_INBOX.>'],
  };
};

const seen = (stream: string): string[] => [
  `$JS.API.STREAM.INFO.${stream}`,
  `$JS.API.CONSUMER.LIST.${stream}`,
  `$JS.API.CONSUMER.NAMES.${stream}`,
  `$JS.API.CONSUMER.INFO.${stream}.*`,
];

const read = (stream: string): string[] => [
  `$JS.API.STREAM.MSG.GET.${stream}`,
  `$JS.API.CONSUMER.CREATE.${stream}.>`,
  `$JS.API.CONSUMER.MSG.NEXT.${stream}.*`,
  `$JS.API.CONSUMER.DELETE.${stream}.*`,
];

const touched = (stream: string, durable: string): string[] => [
  `$JS.API.CONSUMER.CREATE.${stream}.${durable}`,
  `$JS.API.CONSUMER.CREATE.${stream}.${durable}.>`,
  `$JS.API.CONSUMER.MSG.NEXT.${stream}.${durable}`,
  `$JS.API.CONSUMER.DELETE.${stream}.${durable}`,
];
