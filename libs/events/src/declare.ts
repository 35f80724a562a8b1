/** The part of a ts-proto message object that events need. */
export interface MessageType<T> {
  readonly $type: string;
  encode(message: T): { finish(): Uint8Array };
  decode(bytes: Uint8Array): T;
}

/** A happening that one service publishes and any number of consumers handle. */
export interface EventType<T> {
  readonly kind: 'event';
  /** Full name of the message, such as `plaza.order.v1.OrderPaid`. */
  readonly subject: string;
  /** The service that publishes it. */
  readonly owner: string;
  encode(payload: T): Uint8Array;
  /** Throws when the bytes are no such message. */
  decode(bytes: Uint8Array): T;
}

/** A piece of work that exactly one worker takes from a queue. */
export interface TaskType<T> extends Omit<EventType<T>, 'kind'> {
  readonly kind: 'task';
}

/** Declares an event by its message: subject and owner are read from the message's full name. */
export const defineEvent = <T>(message: MessageType<T>): EventType<T> => ({ kind: 'event', ...codec(message) });

/** Declares a task by its message. */
export const defineTask = <T>(message: MessageType<T>): TaskType<T> => ({ kind: 'task', ...codec(message) });

/** A hint that is said to whoever listens and kept by nobody. */
export interface SignalType<T> extends Omit<EventType<T>, 'kind'> {
  readonly kind: 'signal';
}

/** Declares a signal by its message. */
export const defineSignal = <T>(message: MessageType<T>): SignalType<T> => ({ kind: 'signal', ...codec(message) });

const codec = <T>(message: MessageType<T>) => ({
  subject: message.$type,
  owner: message.$type.split('.')[1] ?? '',
  encode: (payload: T) => message.encode(payload).finish(),
  decode: (bytes: Uint8Array) => message.decode(bytes),
});
