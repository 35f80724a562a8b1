import type { Env } from '@plaza/core';

import type { Target } from '../target/target.ts';
import { lookAtCredentials } from './credentials.ts';
import { lookAtNats, lookAtRedis, lookAtTables } from './engines.ts';
import { safely, type Finding } from './finding.ts';
import { lookAtMachine } from './machine.ts';
import { lookAtProcesses, lookAtServices } from './processes.ts';

/** Looks at everything, all at once, in the order in which it depends on one another. Takes some seconds when much is away. */
export const examine = async (target: Target, env: Env, stop: AbortSignal): Promise<Finding[]> => {
  const looks = [
    safely('this machine', () => lookAtMachine(target.home)),
    safely('credentials', async () => lookAtCredentials(target, env, Date.now())),
    safely('dynamodb', () => lookAtTables(target, env['AWS_REGION'])),
    safely('redis', () => lookAtRedis(target)),
    safely('nats', () => lookAtNats(target)),
    safely('processes', () => lookAtProcesses(target)),
    safely('services', () => lookAtServices(target, stop)),
  ];
  return (await Promise.all(looks)).flat();
};

export const verdictOf = (findings: readonly Finding[]): string => {
  const count = (kind: Finding['kind']) => findings.filter((finding) => finding.kind === kind).length;
  return `${count('well')} well, ${count('doubtful')} doubtful, ${count('ill')} ill`;
};
