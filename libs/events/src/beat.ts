import type { Bus, Link } from './bus.ts';
import { beatSubject } from './names.ts';

const BEAT_MS = 200;

/**
 * Beats while the bus is there, over the same connection as the events of this process: who has heard a beat has heard every
 * event that was published before it. No stream keeps beats, and nothing waits for them.
 */
export const startBeat = ({ bus, owner }: { bus: Bus; owner: string }): { close(): void } => {
  const subject = beatSubject(bus.namespace, owner);
  let unanswered: Link | undefined;

  const beat = async () => {
    const link = bus.link();
    // Until the server has answered to the last one there is no next: on a slow way the beats become rare, and are missed.
    if (!link || link === unanswered) return;
    unanswered = link;
    try {
      link.connection.publish(subject);
      await link.connection.flush();
    } catch {
      // The connection broke. That no beat comes is how it is told.
    }
    if (unanswered === link) unanswered = undefined;
  };

  const timer = setInterval(() => void beat(), BEAT_MS);
  return { close: () => clearInterval(timer) };
};
