/** The data of the benchmark: made by counting, so that it is the same on every machine and in every run. */
export const data = { users: makeUsers(6), products: makeProducts(9), reviews: makeReviews(28) };

export interface User {
  readonly id: string;
  readonly name: string;
  readonly username: string;
  readonly birthday: string;
}

export interface Product {
  readonly upc: string;
  readonly name: string;
  readonly price: number;
  readonly weight: number;
  readonly inStock: boolean;
}

export interface Review {
  readonly id: string;
  readonly body: string;
  readonly authorId: string;
  readonly upc: string;
}

export const userById = (id: string): User | undefined => data.users.find((each) => each.id === id);

export const productByUpc = (upc: string): Product | undefined =>
  data.products.find((each) => each.upc === upc);

export const reviewsBy = (authorId: string): readonly Review[] =>
  data.reviews.filter((each) => each.authorId === authorId);

export const reviewsOf = (upc: string): readonly Review[] =>
  data.reviews.filter((each) => each.upc === upc);

/** What inventory makes of the two fields that it requires. Nothing, if it was not given them. */
export function shippingEstimate(of: {
  price?: number | null;
  weight?: number | null;
}): number | null {
  if (typeof of.price !== 'number' || typeof of.weight !== 'number') return null;
  return of.price > 1_000 ? 0 : Math.round(of.weight * 0.5);
}

function makeUsers(count: number): readonly User[] {
  const names = ['Rosa Weber', 'Kim Adams', 'José Álvarez', 'Mei Lin', 'Ada King', 'Tom Ødegård'];
  return Array.from({ length: count }, (_, index) => ({
    id: `${index + 1}`,
    name: names[index % names.length] ?? '',
    username: `user-${index + 1}`,
    birthday: `19${70 + index}-0${1 + (index % 9)}-15`,
  }));
}

function makeProducts(count: number): readonly Product[] {
  const names = ['Table', 'Couch', 'Glass', 'Chair', 'TV', 'Lamp', 'Grill', 'Fridge', 'Sofa'];
  return Array.from({ length: count }, (_, index) => ({
    upc: `${index + 1}`,
    name: names[index % names.length] ?? '',
    price: 54 + ((index * 437) % 1_900),
    weight: 20 + ((index * 311) % 980),
    inStock: index % 3 !== 1,
  }));
}

function makeReviews(count: number): readonly Review[] {
  const bodies = [
    'Just what I wanted',
    'A bit dear for what it is',
    'Does its work',
    'Went back the next day',
  ];
  return Array.from({ length: count }, (_, index) => ({
    id: `${index + 1}`,
    body: bodies[index % bodies.length] ?? '',
    authorId: `${1 + ((index * 5) % 6)}`,
    upc: `${1 + ((index * 7) % 9)}`,
  }));
}
