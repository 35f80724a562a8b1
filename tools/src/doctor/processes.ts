import { isAppError } from '@plaza/core';
import { PROCESSES, SERVICES, type ProcessName, type ServiceName } from '@plaza/testing';

import { lettersOf, openOffices, type Offices } from '../dlq/letters.ts';
import { spanOf } from '../target/moment.ts';
import { adminVariable, type Target } from '../target/target.ts';
import { Trouble } from '../target/trouble.ts';
import { doubtful, ill, messageOf, well, type Finding } from './finding.ts';
import { metricFindings } from './metrics.ts';

const PATIENCE_MS = 5_000;
/** What a busy machine's answer may be late by is no difference of clocks. */
const CLOCK_MS = 5_000;
/** An event is published within milliseconds; the poll finds what was left behind within a second. */
const OUTBOX_MS = 10_000;

/** Each process by its admin port. */
export const lookAtProcesses = async (target: Target): Promise<Finding[]> =>
  (await Promise.all(PROCESSES.map((name) => lookAtProcess(target, name)))).flat();

const lookAtProcess = async ({ admin, local }: Target, name: ProcessName): Promise<Finding[]> => {
  const address = admin[name];
  if (address === undefined)
    return [doubtful(name, 'its admin port is not known', `npm start, or ${adminVariable(name)}=host:port`)];
  const get = (path: string) => fetch(`http://${address}${path}`, { signal: AbortSignal.timeout(PATIENCE_MS) });
  let health: Response;
  let heardAt: number;
  try {
    health = await get('/healthz');
    heardAt = Date.now();
  } catch (error) {
    const help = local ? `npm start (its log: .plaza/logs/${name}.log)` : 'docs/runbooks/region-failover.md';
    return [ill(name, `does not answer at ${address}: ${causeOf(error)}`, help)];
  }
  if (health.status !== 200)
    return [ill(name, `is not serving: ${(await health.text()).trim()}`, `npm run doctor again in 15 s: it may be draining`)];
  const status = await (await get('/statusz')).text();
  return [
    processFinding(name, status),
    ...clockFinding(name, health, heardAt),
    ...metricFindings(name, await (await get('/metrics')).text()),
  ];
};

/** What it says of its engines; how else it looks is for people. */
const processFinding = (name: string, status: string): Finding => {
  const away = ['bus', 'cache'].filter((part) => new RegExp(`"${part}": false`).test(status));
  if (away.length === 0) return well(name, 'serving, its bus and cache are there');
  const help = away.includes('bus') ? 'docs/runbooks/nats-lost.md' : 'docs/runbooks/redis-lost.md';
  return doubtful(name, `serving, without its ${away.join(' and its ')}`, help);
};

/** Tokens, deadlines and versions go by clocks. HTTP tells whole seconds. */
const clockFinding = (name: string, { headers }: Response, heardAt: number): Finding[] => {
  const apart = Math.abs(Date.parse(headers.get('date') ?? '') - heardAt);
  return apart > CLOCK_MS ? [doubtful(`clock of ${name}`, `${spanOf(apart)} from ours`, 'let both follow NTP')] : [];
};

/** Each service by its RPCs: what waits to be published, and what was given up. */
export const lookAtServices = async (target: Target, stop: AbortSignal): Promise<Finding[]> => {
  const offices = openOffices(target, stop);
  try {
    return (await Promise.all(SERVICES.map((service) => lookAtService(offices, service)))).flat();
  } finally {
    offices.close();
  }
};

const lookAtService = async (offices: Offices, service: ServiceName): Promise<Finding[]> => {
  const what = `events of ${service}`;
  try {
    const ask = () => offices.of(service).getOutboxStatus(offices.context(PATIENCE_MS), {});
    // The first call of a process connects: on a busy machine that alone may take its whole time.
    const { pending, oldestTime } = await ask().catch((error: unknown) => {
      if (isAppError(error) && error.code === 'DEADLINE_EXCEEDED') return ask();
      throw error;
    });
    const dead = await lettersOf(offices, service);
    const ageMs = oldestTime === undefined ? 0 : Date.now() - oldestTime.getTime();
    return [
      ageMs > OUTBOX_MS
        ? ill(what, `${pending} wait to be published, the oldest for ${spanOf(ageMs)}`, 'docs/runbooks/outbox-stuck.md')
        : well(what, `${pending} wait to be published`),
      ...(dead.length > 0 ? [ill(`dead letters of ${service}`, String(dead.length), 'npm run dlq -- list')] : []),
    ];
  } catch (error) {
    if (error instanceof Trouble) return [doubtful(what, error.message, error.help[0])];
    const says = isAppError(error) ? `${error.code} ${error.reason}` : messageOf(error);
    return [ill(what, `are not told: ${says}`, 'npm run call -- GetOutboxStatus --address ' + service)];
  }
};

const causeOf = (error: unknown): string => {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return messageOf(cause);
};
