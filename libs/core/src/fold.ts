/**
 * The form under which names are compared and kept unique: compatibility characters resolved (NFKC), case folded. Lower,
 * upper, lower approximates Unicode's full case folding, which JavaScript lacks: lower case alone keeps ß from ss, and makes
 * a final sigma of Σ only at the end of a word. Folding what is folded changes nothing.
 */
export const fold = (text: string): string =>
  text.normalize('NFKC').toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFKC');
