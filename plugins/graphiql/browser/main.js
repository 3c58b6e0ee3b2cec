// The GraphiQL page: what runs in the browser. Where things are, the page says in data attributes.
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import 'graphiql/style.css';
import { storage } from './storage.js';
import './page.css';

const element = document.getElementById('graphiql');
const { endpoint, editorWorker, jsonWorker, graphqlWorker } = element.dataset;
const workers = { json: jsonWorker, graphql: graphqlWorker };

globalThis.MonacoEnvironment = {
  getWorker: (_, label) => new Worker(workers[label] ?? editorWorker, { type: 'module' }),
};

const url = new URL(endpoint, location.href).href;
createRoot(element).render(
  createElement(GraphiQL, {
    fetcher: createGraphiQLFetcher({ url }),
    isHeadersEditorEnabled: true,
    // A key typed into the headers editor stays in this tab's memory.
    shouldPersistHeaders: false,
    storage,
    defaultEditorToolsVisibility: 'headers',
  }),
);
