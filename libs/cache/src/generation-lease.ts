import type { Context } from '@plaza/core';
import type { Redis } from './connect.ts';

export interface GenerationLease {
  renew(ctx: Context, generation: number): Promise<void>;
}

export const createGenerationLease = (options: { redis: Redis; namespace: string; name: string }): GenerationLease => {
  throw new Error(`being built: ${options.name}`);
};
