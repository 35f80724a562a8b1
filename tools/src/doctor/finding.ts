/** One thing that was looked at. */
export interface Finding {
  readonly kind: 'well' | 'doubtful' | 'ill';
  /** What was looked at: `redis`, `order`, `outbox of feed`. */
  readonly what: string;
  readonly says: string;
  /** The one command or runbook that helps. */
  readonly help?: string | undefined;
}

export const well = (what: string, says: string): Finding => ({ kind: 'well', what, says });
export const doubtful = (what: string, says: string, help?: string): Finding => ({ kind: 'doubtful', what, says, help });
export const ill = (what: string, says: string, help?: string): Finding => ({ kind: 'ill', what, says, help });

/** Some checks of one part; a check that breaks is itself a finding. */
export type Look = () => Promise<readonly Finding[]>;

const MARK = { well: '✓', doubtful: '!', ill: '✗' } as const;

export const lineOf = ({ kind, what, says, help }: Finding): string =>
  `${MARK[kind]} ${what}: ${says}${help === undefined ? '' : `  → ${help}`}`;

/** Never fails: it is used when nothing else works. */
export const safely = async (what: string, look: Look): Promise<readonly Finding[]> => {
  try {
    return await look();
  } catch (error) {
    return [ill(what, `could not be looked at: ${messageOf(error)}`)];
  }
};

export const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const inner = error instanceof AggregateError ? messageOf(error.errors[0]) : '';
  return (error.message || inner || error.name).split('\n')[0] ?? '';
};
