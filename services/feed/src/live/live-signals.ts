import { feedSignal, signal, type Bus } from '@plaza/events';

/** Tells streams that wait, in whatever process, that an entry has come: a hint, since streams look by themselves from time to time. */
export interface LiveSignals {
  /** These feeds have a row of it. */
  pushed(entry: string, sourceId: string, viewerIds: readonly string[]): void;
  /** Whoever pulls the source finds it in its timeline. */
  pulled(entry: string, sourceId: string): void;
}

export const createLiveSignals = (bus: Pick<Bus, 'namespace' | 'link'>): LiveSignals => ({
  pushed: (entry, sourceId, viewerIds) => signal(bus, feedSignal, { entry, sourceId, viewerIds: [...viewerIds] }),
  pulled: (entry, sourceId) => signal(bus, feedSignal, { entry, sourceId, viewerIds: [] }),
});
