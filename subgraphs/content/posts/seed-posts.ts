import type { ContentDatabase } from '../database/tables.ts';
import type { Stage } from './post.ts';

const DAY = 24 * 3_600_000;

interface Example {
  readonly slug: string;
  readonly locale: string;
  readonly stage: Stage;
  readonly title: string;
  readonly body: string;
}

/** Oldest first. */
const examples: readonly Example[] = [
  {
    slug: 'welcome',
    locale: 'en',
    stage: 'PUBLISHED',
    title: 'Welcome to the castle',
    body: 'One gate, one set of keys, and behind the gate as many houses as you like to build.',
  },
  {
    slug: 'willkommen',
    locale: 'de',
    stage: 'PUBLISHED',
    title: 'Willkommen auf der Burg',
    body: 'Ein Tor, ein Schlüsselbund, und hinter dem Tor so viele Häuser, wie ihr bauen mögt.',
  },
  {
    slug: 'keys-and-gates',
    locale: 'en',
    stage: 'PUBLISHED',
    title: 'Keys and gates',
    body: 'Give every visitor a key of their own. A key that nobody shares is easy to take back.',
  },
  {
    slug: 'changing-the-locks',
    locale: 'en',
    stage: 'QA',
    title: 'Changing the locks',
    body: 'Make the new key first, hand it over, try it, and only then take the old one back.',
  },
  {
    slug: 'schloesser-wechseln',
    locale: 'de',
    stage: 'QA',
    title: 'Die Schlösser wechseln',
    body: 'Erst den neuen Schlüssel machen, übergeben, ausprobieren, dann den alten einziehen.',
  },
  {
    slug: 'the-secret-passage',
    locale: 'en',
    stage: 'DRAFT',
    title: 'The secret passage',
    body: 'Every castle is said to have one. This one does not, and here is how we know.',
  },
  {
    slug: 'der-geheimgang',
    locale: 'de',
    stage: 'DRAFT',
    title: 'Der Geheimgang',
    body: 'Jede Burg soll einen haben. Diese hat keinen, und hier steht, woher wir das wissen.',
  },
];

/** In whose name the examples are written. */
export interface Seeder {
  readonly userId: string;
  /** Left out for posts that are the person's own. */
  readonly organizationId?: string | undefined;
}

/** Puts the example posts in, as written by this person. What is there already stays as it is. */
export async function seedPosts(
  database: ContentDatabase,
  { userId, organizationId }: Seeder,
  now: number,
): Promise<void> {
  const rows = examples.map(({ slug, locale, stage, title, body }, index) => {
    const createdAt = now - (examples.length - index) * DAY;
    return {
      id: `post_${slug}`,
      title,
      body,
      slug,
      stage,
      locale,
      author_id: userId,
      organization_id: organizationId ?? null,
      created_at: createdAt,
      published_at: stage === 'PUBLISHED' ? createdAt + DAY / 2 : null,
    };
  });
  await database
    .insertInto('content_post')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
