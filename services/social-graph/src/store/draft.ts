import { insert, type WriteOp } from '@plaza/dynamo';
import type { OutboxRow } from '@plaza/events';

import { nextVersion, touchedBy, type Person, type Step } from '../domain/tie.ts';
import { graph } from './table.ts';
import { followsGained, stepEvent, stepRows, tiesOp } from './tie-rows.ts';

/** A person's ties as they were when the steps were decided. */
export type Ties = Pick<Person, 'userId' | 'version' | 'following'>;

export interface Draft {
  readonly ops: readonly WriteOp[];
  readonly events: readonly OutboxRow[];
}

/**
 * What steps write, and the events to publish. Of the people only those move whose ties the steps change; all steps of one person get
 * one version.
 */
export const draft = (people: readonly Ties[], steps: readonly Step[], { at, trace }: { at: number; trace: string }): Draft => {
  const touched = new Set(steps.flatMap(touchedBy));
  const moved = people.filter(({ userId }) => touched.has(userId));
  const versions = new Map(moved.map(({ userId, version }) => [userId, nextVersion(at, version)]));
  const moment = (step: Step) => ({ version: versions.get(step.from)!, at, trace });
  const events = steps.map((step) => stepEvent(step, moment(step)));
  return {
    ops: [
      ...moved.map((person) => tiesOp(person, versions.get(person.userId)!, followsGained(person.userId, steps))),
      ...steps.flatMap((step) => stepRows(step, moment(step))),
      ...events.map((event) => insert(graph, event)),
    ],
    events,
  };
};
