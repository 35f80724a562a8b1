import { callerKey, pageSizeOf, type Context, type PageTokens } from '@plaza/core';
import type {
  DeadLetter as DeadLetterMessage,
  GetOutboxStatusRequest,
  GetOutboxStatusResponse,
  ListDeadLettersRequest,
  ListDeadLettersResponse,
  RedriveDeadLetterRequest,
  RedriveDeadLetterResponse,
  ReplayEventsRequest,
  ReplayEventsResponse,
} from '@plaza/proto/plaza/common/v1/event_admin_service';

import type { Consumers } from './consumers.ts';
import type { DeadLetter, DeadLetterStore } from './dead-letter.ts';
import { createRedrive } from './redrive.ts';
import type { Relay } from './relay.ts';

/**
 * The handlers of plaza.common.v1.EventAdminService for one service; bind them to its definition.
 * @param options.consumers when they run in this process; a worker's dead letters are redriven without
 */
export const eventAdminHandlers = (options: {
  service: string;
  relay: Relay;
  deadLetters: DeadLetterStore;
  consumers?: Consumers;
  pageTokens: PageTokens;
}) => {
  const { relay, deadLetters, pageTokens } = options;
  const redriver = options.consumers ?? { redrive: createRedrive({ bus: relay.bus, service: options.service, deadLetters }) };
  const scope = (ctx: Context) => ({ method: ctx.method, caller: callerKey(ctx.caller), filter: options.service });
  return {
    getOutboxStatus: async (ctx: Context, _request: GetOutboxStatusRequest): Promise<GetOutboxStatusResponse> => {
      const { pending, oldestAt } = await relay.status(ctx);
      return {
        pending: BigInt(pending),
        oldestTime: oldestAt === undefined ? undefined : new Date(oldestAt),
        busConnected: relay.bus.connected(),
      };
    },
    listDeadLetters: async (ctx: Context, request: ListDeadLettersRequest): Promise<ListDeadLettersResponse> => {
      const size = pageSizeOf(request.pageSize);
      const after = pageTokens.decode<string>(scope(ctx), request.pageToken);
      // One more than asked for tells whether there is another page.
      const letters = await deadLetters.list(ctx, size + 1, after);
      const page = letters.slice(0, size);
      const last = letters.length > size ? page.at(-1) : undefined;
      return { deadLetters: page.map(toMessage), nextPageToken: last ? pageTokens.encode(scope(ctx), last.id) : '' };
    },
    redriveDeadLetter: async (ctx: Context, request: RedriveDeadLetterRequest): Promise<RedriveDeadLetterResponse> => {
      await redriver.redrive(ctx, request.deadLetterId);
      return {};
    },
    replayEvents: async (ctx: Context, request: ReplayEventsRequest): Promise<ReplayEventsResponse> => ({
      replayed: BigInt(await relay.replay(ctx, request.fromTime?.getTime() ?? 0)),
    }),
  };
};

const toMessage = (letter: DeadLetter): DeadLetterMessage => ({
  deadLetterId: letter.id,
  subject: letter.subject,
  durable: letter.durable,
  eventId: letter.eventId,
  reason: letter.reason,
  tries: letter.tries,
  createTime: new Date(letter.createdAt),
});
