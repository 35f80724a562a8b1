import type { Socket } from 'node:net';

import type { Exchange } from './exchange.ts';

/** What the proxy does to all its connections now. */
export interface Faults {
  latencyMs: number;
  blackhole: boolean;
  stalled: boolean;
}

export interface Connection {
  stall(): void;
  resume(): void;
  /** Ends both halves; with a TCP reset towards the client if asked. */
  end(reset: boolean): void;
}

interface Wiring {
  readonly client: Socket;
  readonly server: Socket;
  readonly faults: Readonly<Faults>;
  readonly exchange: Exchange;
  readonly onDrop: () => void;
  readonly onEnd: () => void;
}

/** Joins the two halves of a connection and does to them what the faults say. */
export const join = ({ client, server, faults, exchange, onDrop, onEnd }: Wiring): Connection => {
  let ended = false;
  const end = (reset: boolean) => {
    if (ended) return;
    ended = true;
    if (reset) client.resetAndDestroy();
    else client.destroy();
    server.destroy();
    onEnd();
  };
  const toServer = pump(client, server, faults, (bytes) => {
    exchange.request(bytes);
    return true;
  });
  const toClient = pump(server, client, faults, (bytes) => {
    if (exchange.replyMayPass(bytes)) return true;
    onDrop();
    end(true);
    return false;
  });
  for (const socket of [client, server]) {
    socket.setNoDelay(true);
    socket.on('error', () => end(true));
    socket.on('close', () => end(false));
  }
  return {
    stall: () => [client, server].forEach((socket) => socket.pause()),
    resume: () => [toServer, toClient].forEach((direction) => direction.resume()),
    end,
  };
};

/** One direction. Bytes keep their order, also when the latency changes under way. */
const pump = (from: Socket, to: Socket, faults: Readonly<Faults>, inspect: (bytes: Buffer) => boolean): { resume(): void } => {
  let full = false;
  let busyUntil = 0;
  const waiting: (() => void)[] = [];
  const resume = () => {
    if (!full && !faults.stalled) from.resume();
  };
  const inOrder = (act: () => void) => {
    const now = performance.now();
    const at = Math.max(busyUntil, now + faults.latencyMs);
    busyUntil = at;
    if (at <= now && waiting.length === 0) return act();
    waiting.push(act);
    // Delays are cut to whole milliseconds, so timers may overtake each other: whichever fires lets out who came first.
    setTimeout(() => waiting.shift()!(), at - now);
  };
  from.on('data', (bytes: Buffer) => {
    if (faults.blackhole || !inspect(bytes)) return;
    inOrder(() => {
      if (to.destroyed || to.write(bytes)) return;
      full = true;
      from.pause();
      to.once('drain', () => {
        full = false;
        resume();
      });
    });
  });
  from.on('end', () => {
    if (!faults.blackhole) inOrder(() => to.end());
  });
  if (faults.stalled) from.pause();
  return { resume };
};
