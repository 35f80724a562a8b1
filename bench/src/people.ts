import { newId } from '@plaza/core';
import type { Engines, Plaza } from '@plaza/testing';

import type { Comparison } from './report.ts';

export interface BenchOptions {
  readonly plaza: Plaza;
  readonly engines: Engines;
  readonly pairs: number;
  /** Of the search: how many products there are. */
  readonly products: number;
  readonly say: (line: string) => void;
}

export type Bench = (options: BenchOptions) => Promise<Comparison | Comparison[]>;

export const createPeople = async (plaza: Plaza, count: number): Promise<string[]> => {
  const ids: string[] = [];
  while (ids.length < count) {
    const names = Array.from({ length: Math.min(25, count - ids.length) }, () => `b${newId().slice(-14).toLowerCase()}`);
    const users = names.map((username) => ({ username, email: `${username}@example.com`, requestId: newId() }));
    const { results } = await plaza.clients.users.batchCreateUsers(plaza.asAdmin(30_000), { users });
    for (const { result } of results) {
      if (result?.$case !== 'user') throw new Error(`a person was refused: ${result?.value.message ?? 'no answer'}`);
      ids.push(result.value.userId);
    }
  }
  return ids;
};
