import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import fastify from 'fastify';
import mercurius from 'mercurius';
import { chromium } from 'playwright-core';
import t from 'tap';
import { graphiql } from '#plugins/graphiql/index.ts';

const browserPath = findBrowser();
const skip = browserPath === null ? 'no Chromium or Chrome on this machine' : false;

t.test(
  'in a browser: a query with a typed credential is answered, which is not stored',
  { skip },
  async (t) => {
    const app = fastify();
    t.teardown(() => app.close());
    await app.register(mercurius, {
      schema: 'type Query { credential: String }',
      resolvers: {
        Query: {
          credential: (_root, _args, { reply }) => reply.request.headers.authorization ?? 'none',
        },
      },
      graphiql: false,
    });
    await graphiql.configure({}).register(app);
    const origin = await app.listen({ port: 0, host: '127.0.0.1' });

    const browser = await chromium.launch({
      executablePath: browserPath ?? '',
      // Chromium's own sandbox does not work for root, as in a container.
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync'],
    });
    t.teardown(() => browser.close());
    const page = await browser.newPage();
    const complaints: string[] = [];
    const foreign: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(`${origin}/`) && !url.startsWith('data:')) foreign.push(url);
    });
    const workers = ['editor', 'json', 'graphql'].map((name) =>
      page.waitForEvent('worker', (worker) => worker.url().includes(`/${name}.worker-`)),
    );

    await page.goto(`${origin}/graphiql`);
    await Promise.all(workers);
    const write = async (editor: string, text: string) => {
      await page.locator(`${editor} .monaco-editor:visible`).first().click();
      await page.keyboard.press('ControlOrMeta+A');
      await page.keyboard.insertText(text);
      // The editor may have closed a brace by itself: what stands behind the caret goes.
      await page.keyboard.press('ControlOrMeta+Shift+End');
      await page.keyboard.press('Delete');
    };
    await write('.graphiql-query-editor', '{ credential }');
    const schemaOfCredential = page.waitForRequest(
      (request) =>
        request.headers().authorization === 'Bearer typed-in-the-page' &&
        (request.postData() ?? '').includes('IntrospectionQuery'),
    );
    await write('.graphiql-editor-tool', '{"Authorization": "Bearer typed-in-the-page"}');
    await schemaOfCredential;
    await page.locator('.graphiql-execute-button').click();
    await page.locator('.result-window', { hasText: 'Bearer typed-in-the-page' }).waitFor();

    t.strictSame(complaints, [], 'the browser complains of nothing, its security policy included');
    t.strictSame(foreign, [], 'no request leaves for another host');

    // GraphiQL notes edits some time later. Once it has noted this one, it knows the headers too, and the
    // run that follows goes into its history with all that it knows.
    const stored = (key: string) =>
      page.waitForFunction((name) => localStorage.getItem(name)?.includes('Second'), key);
    await write('.graphiql-query-editor', 'query Second { credential }');
    await stored('graphiql:tabState');
    await page.locator('.graphiql-execute-button').click();
    await stored('graphiql:queries');
    const kept = await page.evaluate('JSON.stringify({ ...localStorage })');
    t.notMatch(String(kept), /typed-in-the-page/, 'the credential is not kept in the browser');
  },
);

/** A browser that is installed: CHROMIUM_PATH, or one of the usual names on PATH. */
function findBrowser(): string | null {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const folders = (process.env.PATH ?? '').split(delimiter);
  const candidates = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  return [process.env.CHROMIUM_PATH ?? '', ...candidates].find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return path !== '';
  } catch {
    return false;
  }
}
