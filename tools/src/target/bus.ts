import { noMetrics, silentLog } from '@plaza/core';
import { connectBus, type Bus } from '@plaza/events';

import type { Target } from './target.ts';

/** The way to the bus of that Plaza, as its operator; undefined when nobody knows where it is. */
export const busOf = ({ engines, natsCredsFile, namespace, tlsAs }: Target): Bus | undefined =>
  engines.natsUrl === undefined
    ? undefined
    : connectBus({ url: engines.natsUrl, natsCredsFile, namespace, tls: tlsAs('operator'), log: silentLog, metrics: noMetrics });
