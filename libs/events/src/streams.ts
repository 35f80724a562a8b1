import { DiscardPolicy, nanos, NatsError, RetentionPolicy, StorageType } from 'nats';

import type { Link } from './bus.ts';

/** How long a publication, or a question about streams, may stay unanswered. */
export const PUBLISH_TIMEOUT_MS = 5000;
/** As long as the archive keeps rows: older events are in neither. */
const RETENTION_MS = 7 * 24 * 3600 * 1000;
/** A repeated publication with the same Nats-Msg-Id is dropped within this time. */
const DUPLICATE_WINDOW_MS = 2 * 60 * 1000;

export interface StreamSpec {
  readonly name: string;
  readonly subjects: string[];
  /** A work queue: each message is gone once one consumer acknowledged it. */
  readonly work: boolean;
}

/** Creates the stream unless it is there. An existing one is left as its operator made it. Gives back when it was created. */
export const ensureStream = async (link: Link, spec: StreamSpec): Promise<{ created: string }> => {
  const found = await link.admin.streams.info(spec.name).catch(absent);
  if (found) return found;
  return link.admin.streams
    .add({
      name: spec.name,
      subjects: spec.subjects,
      storage: StorageType.File,
      num_replicas: link.replicas,
      retention: spec.work ? RetentionPolicy.Workqueue : RetentionPolicy.Limits,
      max_age: nanos(RETENTION_MS),
      duplicate_window: nanos(DUPLICATE_WINDOW_MS),
      // Once full, refuse: the outbox waits. Dropping the oldest would acknowledge new messages and lose others.
      discard: DiscardPolicy.New,
    })
    .catch(async (error: unknown) => {
      const raced = await link.admin.streams.info(spec.name).catch(absent);
      if (!raced) throw error;
      return raced;
    });
};

/** Whether the server says that the stream, consumer or message is not there (404), or that nobody listens (503). */
export const isNotFound = (error: unknown): boolean =>
  error instanceof NatsError && (error.code === '503' || error.code === '404' || error.api_error?.code === 404);

/** For `catch`: what is not there is undefined, anything else is thrown on. */
export const absent = (error: unknown): undefined => {
  if (!isNotFound(error) || (error instanceof NatsError && error.code === '503')) throw error;
  return undefined;
};
