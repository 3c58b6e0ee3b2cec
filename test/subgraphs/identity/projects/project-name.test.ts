import t from 'tap';
import { projectNameKey, readProjectName } from '#subgraphs/identity/projects/project-name.ts';

t.test('names that one reads alike have one key', async (t) => {
  for (const [a, b] of [
    ['Blog', 'BLOG'],
    ['Blog', ' blog '],
    ['my  blog', 'my blog'],
    ['blog', 'ｂｌｏｇ'],
    ['file', 'ﬁle'],
    ['coco', 'сосо'],
    ['Caxe', 'Сахе'],
    ['café', 'café'],
    ['oo', 'οο'],
  ] as const) {
    t.equal(projectNameKey(a), projectNameKey(b), `${a} and ${b}`);
    t.equal(readProjectName(a).key, projectNameKey(a));
  }
  t.not(projectNameKey('blog'), projectNameKey('blogs'));
});

t.test('names in the scripts of the world are names', async (t) => {
  for (const name of [
    'Größe',
    'Проект 7',
    'مشروع',
    '東京タワー',
    'Ver. 東京',
    '프로젝트',
    'Έργο',
    'हिन्दी',
    'a_b-c.d',
  ]) {
    t.equal(readProjectName(name).name, name.normalize('NFKC'));
  }
});

t.test('a name that shows less than it holds, or mixes scripts, is refused', async (t) => {
  for (const name of [
    '',
    ' ',
    '...',
    'bl\u200bog',
    'blog\u00ad',
    'blog\ufe0f',
    'blog\u202e',
    'bl\u034fog',
    'blоg',
    'αlpha',
    'x'.repeat(101),
    'ﷺ'.repeat(10),
    '\u{e000}',
  ]) {
    t.throws(() => readProjectName(name), { code: 'BAD_USER_INPUT' }, JSON.stringify(name));
  }
});
