// What GraphiQL keeps in the browser from one visit to the next: tabs, history, favourites. Headers hold
// credentials, and its history would keep those too: here they are taken out before anything is stored.
const withHeaders = ['graphiql:tabState', 'graphiql:queries', 'graphiql:favorites'];

export const storage = {
  get length() {
    return localStorage.length;
  },
  getItem: (key) => localStorage.getItem(key),
  removeItem: (key) => localStorage.removeItem(key),
  clear: () => localStorage.clear(),
  setItem(key, value) {
    if (key === 'graphiql:headers') return;
    localStorage.setItem(key, withHeaders.includes(key) ? withoutHeaders(value) : value);
  },
};

function withoutHeaders(json) {
  return JSON.stringify(JSON.parse(json, (key, value) => (key === 'headers' ? undefined : value)));
}
