export type Env = Readonly<Record<string, string | undefined>>;

/** Reads one variable each; a problem is noted, not thrown, so that all are reported at once. */
export interface EnvReader {
  text(name: string, fallback?: string): string;
  optional(name: string): string | undefined;
  /** A count: a whole number above zero, or from zero on where `least` is 0. */
  integer(name: string, fallback?: number, least?: 0 | 1): number;
  flag(name: string): boolean;
  /** host:port; port 0 means any free port. */
  address(name: string, fallback?: string): string;
  json<T>(name: string, parse: (value: unknown) => T, fallback?: string): T;
  /** From 0 to 1. */
  ratio(name: string, fallback?: number): number;
}

/**
 * Turns an environment into typed, frozen configuration.
 * @throws Error whose message lists every missing or malformed variable, a line each.
 */
export const readConfig = <T extends object>(env: Env, build: (read: EnvReader) => T): Readonly<T> => {
  const problems: string[] = [];
  const config = build(reader(env, problems));
  if (problems.length > 0) throw new Error(`bad configuration:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  return Object.freeze(config);
};

const reader = (env: Env, problems: string[]): EnvReader => {
  const text = (name: string, fallback?: string): string => {
    const value = env[name] ?? fallback;
    if (value === undefined) problems.push(`${name} is missing`);
    return value ?? '';
  };
  return {
    text,
    optional: (name) => env[name] || undefined,
    integer: (name, fallback, least = 1) => {
      const value = text(name, fallback === undefined ? undefined : String(fallback));
      if (!/^[1-9]\d{0,14}$/.test(value) && !(least === 0 && value === '0'))
        problems.push(`${name} is not a whole number ${least === 0 ? 'from zero on' : 'above zero'}: ${value}`);
      return Number(value);
    },
    flag: (name) => {
      const value = env[name] ?? '';
      if (!['', '0', '1', 'true', 'false'].includes(value)) problems.push(`${name} is neither true nor false: ${value}`);
      return value === '1' || value === 'true';
    },
    address: (name, fallback) => {
      const value = text(name, fallback);
      if (value !== '' && !/^[^\s]+:\d{1,5}$/.test(value)) problems.push(`${name} is not host:port: ${value}`);
      return value;
    },
    ratio: (name, fallback) => {
      const value = text(name, fallback === undefined ? undefined : String(fallback));
      const ratio = value.trim() === '' ? NaN : Number(value);
      if (!(ratio >= 0 && ratio <= 1)) problems.push(`${name} is not between 0 and 1: ${value}`);
      return ratio;
    },
    json: (name, parse, fallback) => {
      const value = text(name, fallback);
      try {
        return parse(JSON.parse(value === '' ? 'null' : value));
      } catch (error) {
        // The value may be a key, so only the parser's complaint is shown.
        if (value !== '')
          problems.push(`${name} is malformed: ${error instanceof SyntaxError ? 'not JSON' : (error as Error).message}`);
        return undefined as never;
      }
    },
  };
};
