import { errorFields, type Log } from '@plaza/core';

import { busUnavailable, type Link } from './bus.ts';

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
