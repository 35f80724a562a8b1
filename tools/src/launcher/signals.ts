/** npm passes on the Ctrl-C that the terminal has sent us already. */
const SAME_MS = 1_000;

/** Aborted by the first Ctrl-C or SIGTERM. A later one leaves at once, and what we started is ended behind our back. */
export const onStopSignal = (): AbortSignal => {
  const stop = new AbortController();
  let first = 0;
  const hear = () => {
    if (first === 0) {
      first = performance.now();
      stop.abort();
    } else if (performance.now() - first > SAME_MS) {
      process.exit(130);
    }
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, hear);
  return stop.signal;
};
