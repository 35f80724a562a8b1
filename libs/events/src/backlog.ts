import { errorFields, type Log } from '@plaza/core';

import { busUnavailable, type Bus, type Link } from './bus.ts';
import { streamName } from './names.ts';

/** Messages of one durable that wait to be handled or are being handled, by whichever process. */
export const backlogOf = async (link: Link | undefined, stream: string, durable: string, log: Log): Promise<number> => {
  if (!link) throw busUnavailable();
  try {
    const { num_pending: waiting, num_ack_pending: inHand } = await link.admin.consumers.info(stream, durable);
    return waiting + inHand;
  } catch (error) {
    log.info('consumer.backlog_unknown', { durable, ...errorFields(error) });
    throw busUnavailable(error);
  }
};

/**
 * Events of `owner` that wait for these consumers of another process, or are being handled by it. Dead letters are not among them.
 * @throws AppError UNAVAILABLE BUS_UNAVAILABLE when that cannot be told
 */
export const eventBacklog = async (
  about: { bus: Bus; owner: string; log: Log },
  durables: readonly string[],
): Promise<number> => {
  const { bus, owner, log } = about;
  const stream = streamName(bus.namespace, owner);
  const numbers = await Promise.all(durables.map((durable) => backlogOf(bus.link(), stream, durable, log)));
  return numbers.reduce((sum, number) => sum + number, 0);
};
