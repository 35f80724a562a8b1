/** Stream of all events that one service publishes. Streams, subjects and durables of two namespaces never meet. */
export const streamName = (namespace: string, owner: string): string => `${prefix(namespace, '_')}PLAZA_${owner.toUpperCase()}`;

/** The work queue of all tasks. */
export const queueName = (namespace: string): string => `${prefix(namespace, '_')}TASKS`;

/** What an event's full name is on the wire. */
export const eventSubject = (namespace: string, subject: string): string => `${prefix(namespace, '.')}${subject}`;

/** Tasks have a root of their own: `plaza.feed.v1.>` belongs to the stream of events. */
export const taskSubject = (namespace: string, subject: string): string => `${prefix(namespace, '.')}tasks.${subject}`;

/** Signals are in no stream. */
export const signalSubject = (namespace: string, subject: string): string => `${prefix(namespace, '.')}signals.${subject}`;

/** Subject of the marker by which a stream says that it holds all that the archive holds. Lower case, so no message's name. */
export const markerSubject = (namespace: string, owner: string): string => eventSubject(namespace, `plaza.${owner}.v1.restored`);

/** By its beats the publisher of an event shows that whoever hears them misses nothing. No stream keeps them. */
export const beatSubject = (namespace: string, owner: string): string => `${prefix(namespace, '.')}beats.${owner}`;

/** Redriven dead letters of one service come by the queue: into the stream of events only the events' owner publishes. */
export const redriveSubject = (owner: string): string => `redrive.${owner}`;

export const redriveDurable = (owner: string): string => `${owner}-redrive`;

/** Where answers to one service arrive: nobody else may listen there. */
export const inboxPrefix = (namespace: string, owner: string): string => `_INBOX_${prefix(namespace, '_')}${owner}`;

const prefix = (namespace: string, separator: string): string => (namespace === '' ? '' : `${namespace}${separator}`);
