/** Mail programs make links of what looks like one: a name must not carry strangers to a site of its owner's. */
export function withoutLinks(name: string, fallback: string): string {
  return /:\/\/|[\p{L}\p{N}]\.[\p{L}\p{N}]|@/u.test(name) ? fallback : name;
}
