import { noMetrics, silentLog } from '@plaza/core';
import { connectBus, type Bus } from '@plaza/events';

import { testerCredentials } from '../security/local-users.ts';

/** The bus as a test itself sees it, which may do anything there. */
export const testerBus = ({ natsUrl, namespace }: { natsUrl: string; namespace: string }): Bus =>
  connectBus({ url: natsUrl, natsCredsFile: testerCredentials(), namespace, log: silentLog, metrics: noMetrics });
