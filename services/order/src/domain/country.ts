const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });

/** What ICU has a name for although ISO 3166-1 has no such country: groups, parts of countries, countries that are no more, and tests. */
const NO_COUNTRIES: ReadonlySet<string> = new Set(
  'AC AN BU CP CQ CS DD DG DY EA EU EZ FX HV IC NH QO RH SU TA TP UK UN VD XA XB XK YD YU ZR ZZ'.split(' '),
);

/** Whether two capital letters are a country of ISO 3166-1 alpha-2. */
export const isCountry = (code: string): boolean => !NO_COUNTRIES.has(code) && names.of(code) !== undefined;
