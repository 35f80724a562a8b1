export type EngineName = 'redis' | 'nats' | 'dynamodb';

/** One running engine, ours to stop, starve and wipe. */
export interface Engine {
  readonly name: EngineName;
  /** As a client wants it: redis://…, nats://…, http://… */
  readonly url: string;
  readonly port: number;
  /** Of the process that runs now; 0 in a container. */
  readonly pid: number;
  /** Ends it in order: SIGTERM, then SIGKILL after five seconds. */
  stop(): Promise<void>;
  /** SIGKILL. DynamoDB Local loses its last writes by it, which the real one would not. */
  kill(): Promise<void>;
  /** SIGSTOP: its connections stay open and nothing answers. */
  pause(): void;
  resume(): void;
  /** Starts it again on the same port over the same data. Nothing happens if it runs. */
  start(): Promise<void>;
  /** Kills it, deletes its data and starts it again on the same port. */
  wipe(): Promise<void>;
}

export interface EngineOptions {
  /** Any free port by default. A given port that is taken is an error. */
  readonly port?: number;
  /** Where its data goes. By default a temporary folder that goes with it (DynamoDB: memory). */
  readonly dataDir?: string;
  /** Added to the command line. */
  readonly args?: readonly string[];
}

/** Where the three engines answer, whoever runs them. */
export interface Endpoints {
  readonly dynamodbEndpoint: string;
  readonly redisUrl: string;
  readonly natsUrl: string;
}

/** One step on the way to running engines, for the person who waits. */
export interface Step {
  readonly text: string;
  readonly ms: number;
}

export interface EnginesOptions {
  /** Endpoints and PATH are read from it; the process's own by default. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Data that outlives the run goes here; by default everything is kept in memory. */
  readonly dataDir?: string;
  /** Where packages are unpacked when we may not install them. */
  readonly cacheDir?: string;
  readonly report?: (step: Step) => void;
}

export interface Engines extends Endpoints {
  /** The endpoints as environment variables for a service. */
  readonly env: { readonly DYNAMODB_ENDPOINT: string; readonly REDIS_URL: string; readonly NATS_URL: string };
  /** Those that we started; the others belong to somebody else. */
  readonly started: readonly Engine[];
  close(): Promise<void>;
}
