import { AppError, newId, type Context } from '@plaza/core';

import { busUnavailable, type Bus } from './bus.ts';
import type { DeadLetterStore } from './dead-letter.ts';
import { writeHeaders } from './envelope.ts';
import { redriveSubject } from './names.ts';
import { putIntoQueue } from './queue.ts';

/** Puts a dead letter of this service into the queue, marked for the durable that gave up on it. Works from any of its processes. */
export const createRedrive =
  ({ bus, service, deadLetters }: { bus: Bus; service: string; deadLetters: DeadLetterStore }) =>
  async (ctx: Context, id: string): Promise<void> => {
    const letter = await deadLetters.get(ctx, id);
    if (!letter) throw letterNotFound(id);
    const link = bus.link();
    if (!link) throw busUnavailable();
    const headers = writeHeaders({ ...letter, id: letter.eventId, only: letter.durable });
    // A new message id, or the server would take it for a repetition of the first.
    const message = { subject: redriveSubject(service), id: `${letter.eventId}/${newId()}`, headers, payload: letter.payload };
    await putIntoQueue(link, bus.namespace, message).catch((error: unknown) => {
      throw busUnavailable(error);
    });
  };

const letterNotFound = (id: string): AppError =>
  new AppError('NOT_FOUND', 'DEAD_LETTER_NOT_FOUND', 'no such dead letter', { domain: 'plaza', metadata: { deadLetterId: id } });
