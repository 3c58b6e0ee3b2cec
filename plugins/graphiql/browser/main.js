// The GraphiQL page: what runs in the browser. Where things are, the page says in data attributes.
import { useGraphiQLActions } from '@graphiql/react';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createElement, Fragment, useEffect } from 'react';
import { createRoot } from 'react-dom/client';
import 'graphiql/style.css';
import { followCredential } from './follow-credential.js';
import { storage } from './storage.js';
import './page.css';

const element = document.getElementById('graphiql');
const { endpoint, editorWorker, jsonWorker, graphqlWorker } = element.dataset;
const workers = { json: jsonWorker, graphql: graphqlWorker };

globalThis.MonacoEnvironment = {
  getWorker: (_, label) => new Worker(workers[label] ?? editorWorker, { type: 'module' }),
};

const follower = followCredential();

/** Lends the page's own way to fetch the schema to what notices another credential. */
function SchemaOfCredential() {
  const { introspect } = useGraphiQLActions();
  useEffect(() => follower.onChange(introspect), [introspect]);
  return null;
}

const url = new URL(endpoint, location.href).href;
createRoot(element).render(
  createElement(
    GraphiQL,
    {
      fetcher: createGraphiQLFetcher({ url }),
      isHeadersEditorEnabled: true,
      // A key typed into the headers editor stays in this tab's memory.
      shouldPersistHeaders: false,
      storage,
      defaultEditorToolsVisibility: 'headers',
      onEditHeaders: follower.note,
    },
    createElement(GraphiQL.Toolbar, null, ({ prettify, merge, copy }) =>
      createElement(Fragment, null, prettify, merge, copy, createElement(SchemaOfCredential)),
    ),
  ),
);
