import { pause } from '@plaza/core';
import type { Engine } from '@plaza/testing';

export interface WatchEnginesOptions {
  /** Those that we started; one in a container is its daemon's to watch. */
  readonly engines: readonly Engine[];
  readonly say: (line: string) => void;
  /** Called once, with the reason, when an engine died too often. */
  readonly onGiveUp: (reason: Error) => void;
  /** Between two looks, in milliseconds; 500 by default. */
  readonly everyMs?: number;
}

/** As with our own processes: so many deaths in a row are no accident, and one after a minute of peace begins a new row. */
const MAX_DEATHS = 5;
const PEACE_MS = 60_000;

/** Notices when an engine has died, says so, and starts it again over its data, on its port: whoever uses it connects again by itself. */
export const watchEngines = ({ engines, say, onGiveUp, everyMs = 500 }: WatchEnginesOptions): { close(): Promise<void> } => {
  const closing = new AbortController();
  const watch = async (engine: Engine): Promise<void> => {
    let deaths = 0;
    for (let upSince = Date.now(); !closing.signal.aborted; await pause(everyMs, closing.signal)) {
      if (engine.pid > 0) continue;
      deaths = Date.now() - upSince > PEACE_MS ? 1 : deaths + 1;
      if (deaths > MAX_DEATHS)
        throw new Error(`${engine.name} died ${deaths} times in a row; its data is kept, see what it says by hand`);
      say(`${engine.name} died; starting it again over its data`);
      // A start that fails leaves it dead: the next look counts it.
      await engine.start().then(
        () => say(`${engine.name} is up again (pid ${engine.pid})`),
        (error: unknown) => say(`${engine.name} did not start: ${error instanceof Error ? error.message : String(error)}`),
      );
      upSince = Date.now();
    }
  };
  const ours = engines.filter(({ pid }) => pid > 0);
  const watching = ours.map((engine) => watch(engine).catch((error: unknown) => onGiveUp(error as Error)));
  return {
    // A start that is under way ends first, or its engine would outlive us.
    close: async () => {
      closing.abort();
      await Promise.all(watching);
    },
  };
};
