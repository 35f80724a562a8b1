import own from '../package.json' with { type: 'json' };

/** Of Plaza: its packages are of one version. */
export const VERSION: string = own.version;
