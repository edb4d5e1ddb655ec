/** Characters of an id that are shown after the gap. */
const END = 4;

/** An id shortened in its middle: its prefix, two characters, and the last four. Short ids stay whole. */
export function shortId(id: string): string {
  const prefix = /^(?:[a-z]+_)+/.exec(id)?.[0] ?? "";
  return id.length <= prefix.length + END + 4 ? id : `${prefix}${id.slice(prefix.length, prefix.length + 2)}…${id.slice(-END)}`;
}

/** The pages that show what an id names, by the id's prefix. */
const PAGES: readonly (readonly [prefix: string, page: string])[] = [
  ["evt_", "/events/"],
  ["dlv_", "/deliveries/"],
  ["we_", "/endpoints/"],
  ["acct_", "/accounts/"],
  ["req_", "/requests/"],
];

/** The address, within the mode, of the page that shows what an id names; null if there is no such page. */
export function pageOfId(id: string): string | null {
  const page = PAGES.find(([prefix]) => id.startsWith(prefix))?.[1];
  return page === undefined || !/^[a-z]+_[\w-]+$/.test(id) ? null : page + id;
}

/** The prefix of most ids, which distinguishes them from words in texts. */
const ID = /^(?:[a-z]{2,12}_){1,3}(?=[A-Za-z]*\d)[A-Za-z0-9]{8,}$/;

/** Whether a text of a payload looks like an id. */
export const looksLikeId = (text: string): boolean => text.length < 100 && ID.test(text);

/** A path of the API whose ids are shortened in their middle. */
export const shortPath = (path: string): string =>
  path
    .split("/")
    .map((part) => (looksLikeId(part) ? shortId(part) : part))
    .join("/");
