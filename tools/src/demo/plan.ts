import { ADJECTIVES, CATALOGUE, FIRST_NAMES, HASHTAGS, LAST_NAMES, OPENERS, SHOP_NAMES } from './words.ts';

/** The whole demo as data, from the graph and one seed: what is loaded is decided before the first call. Numbers are positions in `users` and `products`. */
export interface DemoPlan {
  /** People first, in the order of the graph's ids, then shops. */
  readonly users: readonly PlannedUser[];
  readonly people: number;
  readonly products: readonly PlannedProduct[];
  /** Each person's followees, in chunks that fit one import message. */
  readonly follows: readonly { readonly follower: number; readonly followees: readonly number[] }[];
  readonly followCount: number;
  readonly credits: readonly { readonly user: number; readonly units: number }[];
  readonly posts: readonly PlannedPost[];
  readonly orders: readonly PlannedOrder[];
}

interface PlannedUser {
  readonly username: string;
  readonly displayName: string;
  readonly bio: string;
}

interface PlannedProduct {
  readonly seller: number;
  readonly name: string;
  readonly category: string;
  readonly cents: number;
  readonly stock: number;
}

export interface PlannedPost {
  readonly author: number;
  readonly text: string;
  readonly products: readonly number[];
}

export interface PlannedOrder {
  readonly buyer: number;
  readonly lines: readonly { readonly product: number; readonly quantity: number }[];
}

const SHOPS = 30;
const PRODUCTS = 300;
const POSTS = 3_000;
const ORDERS = 300;
const BUYERS = 150;
/** The limit of one ImportFollows message. */
const FOLLOWEES_A_MESSAGE = 45;

/** `graph` is the text of the friendship graph: a pair of ids a line, each friendship once; a friendship is a follow both ways. */
export const planDemo = (graph: string, random: () => number): DemoPlan => {
  const dice = (sides: number) => Math.floor(random() * sides);
  const pick = <T>(from: readonly T[]): T => from[dice(from.length)]!;
  const following = followingOf(graph);
  const people = following.length;
  const users = [...following.map((_, i) => person(i, pick)), ...SHOP_NAMES.slice(0, SHOPS).map(shop)];
  const products = Array.from({ length: PRODUCTS }, (_, i) => product(i, people + (i % SHOPS), pick, dice));
  return {
    users,
    people,
    products,
    follows: following.flatMap((followees, follower) =>
      chunks(followees, FOLLOWEES_A_MESSAGE).map((chunk) => ({ follower, followees: chunk })),
    ),
    followCount: following.reduce((sum, followees) => sum + followees.length, 0),
    credits: Array.from({ length: BUYERS }, (_, i) => ({ user: i * 6, units: 5_000 + dice(5_000) })),
    posts: Array.from({ length: POSTS }, () => post(users, following, people, pick, dice)),
    orders: Array.from({ length: ORDERS }, () => ({ buyer: dice(BUYERS) * 6, lines: orderLines(dice) })),
  };
};

const followingOf = (graph: string): number[][] => {
  const following: number[][] = [];
  const follow = (follower: number, followee: number) => (following[follower] ??= []).push(followee);
  for (const line of graph.trim().split('\n')) {
    const [a, b] = line.split(/\s+/).map(Number) as [number, number];
    follow(a, b);
    follow(b, a);
  }
  return Array.from(following, (followees) => followees ?? []);
};

const person = (i: number, pick: <T>(from: readonly T[]) => T): PlannedUser => {
  const [first, last] = [pick(FIRST_NAMES), pick(LAST_NAMES)];
  return { username: `${first}.${last}${i}`.toLowerCase(), displayName: `${first} ${last}`, bio: `Likes #${pick(HASHTAGS)}.` };
};

const shop = (name: string): PlannedUser => ({
  username: `shop_${name.toLowerCase()}`,
  displayName: `${name} Shop`,
  bio: 'Made in small numbers, shipped on Thursdays.',
});

const product = (
  i: number,
  seller: number,
  pick: <T>(from: readonly T[]) => T,
  dice: (sides: number) => number,
): PlannedProduct => {
  const categories = Object.keys(CATALOGUE);
  const category = categories[i % categories.length]!;
  const name = `${pick(ADJECTIVES)} ${pick(CATALOGUE[category]!).toLowerCase()}`;
  return { seller, name, category, cents: 300 + dice(200) * 50 + dice(2) * 49, stock: 20 + dice(180) };
};

const post = (
  users: readonly PlannedUser[],
  following: readonly number[][],
  people: number,
  pick: <T>(from: readonly T[]) => T,
  dice: (sides: number) => number,
): PlannedPost => {
  // One post in ten is a shop's, about its own products.
  if (dice(10) === 0) {
    const seller = dice(SHOPS);
    const own = seller + SHOPS * dice(PRODUCTS / SHOPS);
    return {
      author: people + seller,
      text: `Back on the shelf. ${pick(OPENERS)} #shoplocal #${pick(HASHTAGS)}`,
      products: [own],
    };
  }
  const author = dice(people);
  const friend = following[author]!.length > 0 && dice(3) === 0 ? ` @${users[pick(following[author]!)]!.username}` : '';
  const tag = dice(2) === 0 ? ` #${pick(HASHTAGS)}` : '';
  const products = dice(3) === 0 ? [...new Set([dice(PRODUCTS), dice(PRODUCTS)])] : [];
  return { author, text: `${pick(OPENERS)}${friend}${tag}`, products };
};

const orderLines = (dice: (sides: number) => number) =>
  [...new Set(Array.from({ length: 1 + dice(3) }, () => dice(PRODUCTS)))].map((product) => ({ product, quantity: 1 + dice(2) }));

export const chunks = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
