import { insert, type WriteOp } from '@plaza/dynamo';
import type { OutboxRow } from '@plaza/events';

import { nextVersion, touchedBy, type Person, type Step } from '../domain/tie.ts';
import { graph } from './table.ts';
import { bumpOp, followsGained, stepEvent, stepRows, tiesOp, untiedOps } from './tie-rows.ts';

/** A person's ties as they were when the steps were decided. */
export type Ties = Pick<Person, 'userId' | 'version' | 'following'>;

export interface Draft {
  readonly ops: readonly WriteOp[];
  readonly events: readonly OutboxRow[];
}

/**
 * What steps write, and the events to publish. Of the people only those move whose ties the steps change; all steps of one person get
 * one version. Who is only blocked or unblocked moves without a condition: many may block one at a time, and none has to try again.
 */
export const draft = (people: readonly Ties[], steps: readonly Step[], { at, trace }: { at: number; trace: string }): Draft => {
  const beginners = new Set(steps.map(({ from }) => from));
  const told = new Set(steps.flatMap(touchedBy)).difference(beginners);
  const moved = people.filter(({ userId }) => beginners.has(userId));
  const versions = new Map(moved.map(({ userId, version }) => [userId, nextVersion(at, version)]));
  const moment = (step: Step) => ({ version: versions.get(step.from)!, at, trace });
  const events = steps.map((step) => stepEvent(step, moment(step)));
  return {
    ops: [
      ...moved.map((person) => tiesOp(person, versions.get(person.userId)!, followsGained(person.userId, steps))),
      ...[...told].map(bumpOp),
      ...steps.flatMap((step) => (step.kind === 'block' && told.has(step.to) ? untiedOps(step.to, step.from) : [])),
      ...steps.flatMap((step) => stepRows(step, moment(step))),
      ...events.map((event) => insert(graph, event)),
    ],
    events,
  };
};
