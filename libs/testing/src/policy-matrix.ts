import { isAppError, type Context } from '@plaza/core';

const DENIALS = new Set(['TOKEN_MISSING', 'POLICY_DENIED']);
/** What a call in a matrix must never be answered with: a defect of ours, or a body that says nothing about the policy. */
const SPOILT = ['INTERNAL', 'INVALID_FIELD'];

/** The callers whom an RPC lets in, whatever it answers them: by name, in the order given. Throws on answers that say nothing about that. */
export const admittedCallers = async (
  callers: Readonly<Record<string, () => Context>>,
  call: (ctx: Context) => Promise<unknown>,
): Promise<string[]> => {
  const admitted: string[] = [];
  for (const [caller, ctx] of Object.entries(callers)) {
    const reason = await reasonOf(call(ctx()));
    if (SPOILT.includes(reason)) throw new Error(`${caller} was answered ${reason}`);
    if (!DENIALS.has(reason)) admitted.push(caller);
  }
  return admitted;
};

const reasonOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => '',
    (error: unknown) => (isAppError(error) ? error.reason : String(error)),
  );
