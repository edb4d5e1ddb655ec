/** A page of the dashboard. */
export interface Place {
  path: string;
  name: string;
  /** The letter after `g` that opens it. */
  letter: string;
}

/** The pages, in the order of the navigation. */
export const PLACES: readonly Place[] = [
  { path: "/live", name: "Live", letter: "l" },
  { path: "/events", name: "Events", letter: "e" },
  { path: "/deliveries", name: "Deliveries", letter: "d" },
  { path: "/endpoints", name: "Endpoints", letter: "w" },
  { path: "/accounts", name: "Accounts", letter: "a" },
  { path: "/requests", name: "Requests", letter: "q" },
  { path: "/publish", name: "Publish", letter: "p" },
  { path: "/clock", name: "Clock", letter: "c" },
  { path: "/system", name: "System", letter: "s" },
  { path: "/audit", name: "Audit", letter: "u" },
];

/**
 * The address of a page that was requested with `live` in place of `test`, as in `/live/events`. Live mode has no name
 * in addresses, and nothing that the page Live opens has the name of a page. Any other path is returned as it is.
 */
export function withoutLive(path: string, pagePath: string): string {
  const rest = path.startsWith(`${pagePath}/live/`) ? path.slice(`${pagePath}/live`.length) : "";
  return PLACES.some((place) => rest === place.path || rest.startsWith(`${place.path}/`)) ? pagePath + rest : path;
}
