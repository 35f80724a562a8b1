import { pause, silentLog } from '@plaza/core';
import { followEvents, type Bus, type Followed } from '@plaza/events';
import { image } from '@plaza/rpc';
import { ownerOf, type ServiceName } from '@plaza/testing';

import { nearest } from '../call/names.ts';
import { busOf } from '../target/bus.ts';
import type { Target } from '../target/target.ts';
import { Trouble } from '../target/trouble.ts';

export interface Tailing {
  readonly target: Target;
  /** Those whose events are told. */
  readonly services: readonly ServiceName[];
  /** Name of the one message that is told, such as `OrderPaid`. */
  readonly type: string | undefined;
  /** The one aggregate that is told of. */
  readonly about: string | undefined;
  /** Epoch milliseconds. */
  readonly from: number | undefined;
  readonly stop: AbortSignal;
  readonly hear: (event: Followed) => void;
  /** What is not an event: that the bus is away, or back. */
  readonly remark: (line: string) => void;
}

/** Tells events until it is stopped. */
export const tailEvents = async (tailing: Tailing): Promise<void> => {
  const { target, services, type, about, from, stop, hear } = tailing;
  const subjects = type === undefined ? undefined : [subjectOf(type)];
  const owners = services
    .map((service): string => ownerOf(service))
    .filter((owner) => subjects === undefined || subjects.some((it) => it.split('.')[1] === owner));
  if (owners.length === 0)
    throw new Trouble(`${type} is published by ${subjects?.[0]?.split('.')[1]}, which you did not ask for`, [
      'leave --service out',
    ]);
  const { natsUrl = '' } = target.engines;
  const bus = busOf(target);
  if (bus === undefined)
    throw new Trouble('where is the bus?', ['the Plaza of this machine: npm start', 'another one: NATS_URL=nats://host:4222']);
  const tell = (event: Followed) => {
    if (about === undefined || event.aggregateId === about) hear(event);
  };
  const following = owners.map((owner) =>
    followEvents({ bus, owner, subject: subjects?.[0] ?? '*', from, log: silentLog, hear: tell }),
  );
  await watchBus(bus, natsUrl, tailing.remark, stop);
  await Promise.all(following.map((one) => one.close()));
  await bus.close();
};

const LOOK_MS = 500;
/** A bus that is there is connected to by then. */
const PATIENCE = 4;

const watchBus = async (bus: Bus, url: string, remark: (line: string) => void, stop: AbortSignal): Promise<void> => {
  let missing = 0;
  while (!stop.aborted) {
    await pause(LOOK_MS, stop);
    if (bus.connected()) {
      if (missing >= PATIENCE) remark('the bus is back');
      missing = 0;
    } else if (++missing === PATIENCE) remark(`the bus is away (${new URL(url).host}): waiting, and going on when it is back`);
  }
};

/** @throws Trouble for a name that no event has */
const subjectOf = (type: string): string => {
  const names = [...image().registry]
    .filter((one) => one.kind === 'message' && /^plaza\/\w+\/v1\/events\.proto$/.test(`${one.file.name}.proto`))
    .map(({ typeName }) => typeName);
  const found = names.find((name) => name === type || name.split('.').at(-1)?.toLowerCase() === type.toLowerCase());
  if (found !== undefined) return found;
  const near = nearest(
    type,
    names.map((name) => name.split('.').at(-1) ?? ''),
  );
  throw new Trouble(
    `no event is called ${type}`,
    near.map((name) => `did you mean ${name}?`),
  );
};
