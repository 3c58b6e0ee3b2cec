// Each credential has a schema of its own: another one is fetched as soon as another credential was typed.
const PAUSE_MS = 500;

export function followCredential() {
  let fetchSchema = () => {};
  let known = '';
  let timer;
  return {
    onChange(fetch) {
      fetchSchema = fetch;
    },
    /** Takes the text of the headers editor, which is no JSON while somebody types. */
    note(text) {
      clearTimeout(timer);
      timer = setTimeout(() => {
        const credential = credentialIn(text);
        if (credential === null || credential === known) return;
        known = credential;
        fetchSchema();
      }, PAUSE_MS);
    },
  };
}

function credentialIn(text) {
  if (text.trim() === '') return '';
  try {
    const headers = Object.entries(JSON.parse(text));
    const [, value] = headers.find(([name]) => name.toLowerCase() === 'authorization') ?? [];
    return String(value ?? '');
  } catch {
    return null;
  }
}
