import { AppError } from './errors.ts';

/**
 * The paths of an update mask, each once.
 * @throws INVALID_ARGUMENT INVALID_FIELD for an empty mask and for what is not one of `known`
 */
export const maskPaths = <P extends string>(mask: readonly string[], known: readonly P[]): P[] => {
  if (mask.length === 0) throw invalidField('update_mask', `must name at least one of ${known.join(', ')}`);
  const isKnown = (path: string): path is P => (known as readonly string[]).includes(path);
  const paths = new Set<P>();
  mask.forEach((path, i) => {
    if (!isKnown(path)) throw invalidField(`update_mask.paths[${i}]`, `must be one of ${known.join(', ')}`);
    paths.add(path);
  });
  return [...paths];
};

/** As the schema's own refusals: what it cannot say, because it depends on another field. */
export const invalidField = (field: string, description: string) =>
  new AppError('INVALID_ARGUMENT', 'INVALID_FIELD', `invalid fields: ${field}`, {
    domain: 'plaza',
    violations: [{ field, description }],
  });
