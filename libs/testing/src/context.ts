import { backgroundContext, newId, type Caller, type Context, type Log } from '@plaza/core';

export interface TestContextOptions {
  /** Anonymous by default. */
  readonly caller?: Caller;
  /** 10,000 by default. */
  readonly timeoutMs?: number;
  readonly method?: string;
  readonly log?: Log;
}

/** A fresh context with a deadline. Make one per call: a deadline does not start again. */
export const testContext = (options: TestContextOptions = {}): Context => ({
  ...backgroundContext({
    method: options.method ?? 'plaza.test/Test',
    timeoutMs: options.timeoutMs ?? 10_000,
    ...(options.log && { log: options.log }),
  }),
  caller: options.caller ?? { kind: 'anonymous' },
});

export const asUser = (userId: string, timeoutMs?: number): Context =>
  testContext({ caller: { kind: 'user', userId }, ...(timeoutMs && { timeoutMs }) });

export const asAdmin = (timeoutMs?: number): Context =>
  testContext({ caller: { kind: 'admin' }, ...(timeoutMs && { timeoutMs }) });

/** The context of a service that calls another, for a user if one is named. */
export const asService = (service: string, userId?: string): Context =>
  testContext({ caller: { kind: 'service', service, ...(userId && { userId }) } });

/** A prefix that no other test or run uses: suites run twice, and side by side, on the same engines. */
export const uniqueNamespace = (): string => `t${newId().slice(-14).toLowerCase()}`;
