import { backgroundContext, errorFields, pause, type Log } from '@plaza/core';

import { Empty } from 'nats';

import type { Bus, Link } from './bus.ts';
import { eventSubject, markerSubject, streamName } from './names.ts';
import type { Replay } from './replay.ts';
import { absent, ensureStream } from './streams.ts';

/** Nothing may be publishing, so a lost stream is looked for, not stumbled upon. */
const CHECK_MS = 2000;
const REPLAY_TIMEOUT_MS = 3600 * 1000;
/** The marker must not grow old enough to leave the stream. */
const MARKER_REFRESH_MS = 24 * 3600 * 1000;

/**
 * Watches over one service's stream until `closing`. A stream that holds no marker was created anew, by this relay or
 * another: all of the archive is published into it, and then the marker. If the process dies in between, the next one finds
 * no marker and begins again; what it or another relay published a moment ago is not stored twice.
 */
export const createStreamGuard = async (options: {
  bus: Bus;
  owner: string;
  replay: Replay;
  log: Log;
  closing: AbortSignal;
}): Promise<void> => {
  const { bus, owner, log, closing } = options;
  const spec = {
    name: streamName(bus.namespace, owner),
    subjects: [eventSubject(bus.namespace, `plaza.${owner}.v1.>`)],
    work: false,
  };
  const marker = markerSubject(bus.namespace, owner);
  let whole = { created: '', markedAt: 0 };

  const check = async (link: Link) => {
    const { created } = await ensureStream(link, spec);
    if (created === whole.created && Date.now() - whole.markedAt < MARKER_REFRESH_MS) return;
    const marked = await link.admin.streams.getMessage(spec.name, { last_by_subj: marker }).catch(absent);
    if (!marked) await refill(link);
    const age = marked ? Date.now() - marked.time.getTime() : Infinity;
    // Two relays mark it once.
    const msgID = `marked/${created}/${Math.floor(Date.now() / MARKER_REFRESH_MS)}`;
    if (age > MARKER_REFRESH_MS) await link.stream.publish(marker, Empty, { msgID });
    whole = { created, markedAt: age > MARKER_REFRESH_MS ? Date.now() : Date.now() - age };
  };

  const refill = async (link: Link) => {
    const signal = AbortSignal.any([closing, link.lost]);
    const ctx = backgroundContext({ method: 'events.replay', timeoutMs: REPLAY_TIMEOUT_MS, log, signal });
    // No run: a new stream remembers no message ids but those of its own content, which must not come twice.
    const replayed = await options.replay(ctx, link, { fromMs: 0 });
    if (replayed > 0) log.warn('events.replayed', { stream: spec.name, replayed });
  };

  for (let failing = false; !closing.aborted;) {
    const link = await bus.linked(closing);
    if (!link) return;
    try {
      await check(link);
      failing = false;
    } catch (error) {
      if (!failing && !closing.aborted) log.warn('events.stream_check_failed', { stream: spec.name, ...errorFields(error) });
      failing = true;
    }
    await pause(failing ? CHECK_MS / 10 : CHECK_MS, AbortSignal.any([closing, link.lost]));
  }
};
