import type { Env } from '@plaza/core';

import type { Target } from '../target/target.ts';
import { lookAtCredentials } from './credentials.ts';
import { lookAtNats, lookAtRedis, lookAtTables } from './engines.ts';
import { ill, safely, type Finding } from './finding.ts';
import { lookAtMachine } from './machine.ts';
import { lookAtProcesses, lookAtServices } from './processes.ts';

/** Looks at everything, one after the other, in the order in which it depends on one another: a look that hurried would see its own load. */
export const examine = async (target: Target, env: Env, stop: AbortSignal): Promise<Finding[]> => [
  ...whetherKnown(target),
  ...(await safely('this machine', () => lookAtMachine(target.home))),
  ...(await safely('credentials', async () => lookAtCredentials(target, env, Date.now()))),
  ...(await safely('dynamodb', () => lookAtTables(target, env['AWS_REGION']))),
  ...(await safely('redis', () => lookAtRedis(target))),
  ...(await safely('nats', () => lookAtNats(target))),
  ...(await safely('processes', () => lookAtProcesses(target))),
  ...(await safely('services', () => lookAtServices(target, stop))),
];

/** Else all that follows is merely doubtful, because nobody knows where to look. */
const whetherKnown = ({ services }: Target): Finding[] =>
  Object.keys(services).length > 0
    ? []
    : [ill('plaza', 'none is known here', 'npm start, or USER_ADDRESS=host:port and so on for another')];

export const verdictOf = (findings: readonly Finding[]): string => {
  const count = (kind: Finding['kind']) => findings.filter((finding) => finding.kind === kind).length;
  return `${count('well')} well, ${count('doubtful')} doubtful, ${count('ill')} ill`;
};
