import { noMetrics, silentLog, type Tls } from '@plaza/core';
import { connectBus, inspectBus, waitingIn } from '@plaza/events';

const PATIENCE_MS = 3_000;

/** Messages and tasks that wait for any consumer, or are being handled. What it throws says that this cannot be told. */
export type Queue = { waiting(): Promise<number>; close(): Promise<void> };

/** @param bus where it is, and as whom: as services have it */
export const watchQueue = (bus: {
  url: string;
  namespace: string;
  natsCredsFile?: string | undefined;
  tls?: Tls | undefined;
}): Queue => {
  const link = connectBus({ ...bus, log: silentLog, metrics: noMetrics });
  return {
    waiting: async () => waitingIn(await inspectBus(link, PATIENCE_MS)),
    close: () => link.close(),
  };
};
