/** Files that are derived from what the code declares: path below deploy/ → content. Committed, so that they can be read and applied as they are. */
export type Files = Readonly<Record<string, string>>;

export const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;
