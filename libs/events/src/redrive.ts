import { AppError, newId, type Context } from '@plaza/core';

import { busUnavailable, type Bus } from './bus.ts';
import type { DeadLetterStore } from './dead-letter.ts';
import { writeHeaders } from './envelope.ts';
import { eventSubject, taskSubject } from './names.ts';

/** Publishes a dead letter's message again, marked for the durable that gave up on it. Works from any process. */
export const createRedrive =
  ({ bus, deadLetters }: { bus: Bus; deadLetters: DeadLetterStore }) =>
  async (ctx: Context, id: string): Promise<void> => {
    const letter = await deadLetters.get(ctx, id);
    if (!letter) throw letterNotFound(id);
    const link = bus.link();
    if (!link) throw busUnavailable();
    const subject = (letter.kind === 'task' ? taskSubject : eventSubject)(bus.namespace, letter.subject);
    const headers = writeHeaders({ ...letter, id: letter.eventId, only: letter.durable });
    // A new message id, or the server would take it for a repetition of the first.
    await link.stream
      .publish(subject, letter.payload, { msgID: `${letter.eventId}/${newId()}`, headers })
      .catch((error: unknown) => {
        throw busUnavailable(error);
      });
  };

const letterNotFound = (id: string): AppError =>
  new AppError('NOT_FOUND', 'DEAD_LETTER_NOT_FOUND', 'no such dead letter', { domain: 'plaza', metadata: { deadLetterId: id } });
