import type { QueryClient } from "@tanstack/react-query";
import { createClient } from "../api/client.ts";
import { modeOf, modePath, PAGE_PATH } from "../api/place.ts";
import { headQuery } from "../api/use-feed.ts";

/** The list of the page that a first visit opens. */
export const LIVE_EVENTS = { path: "/console/events", topic: "events" } as const;

/**
 * Requests the list of the first page while the page is still asking who is signed in. If nobody is signed in for this
 * mode, the server refuses the request, and the page repeats it after someone signs in.
 */
export function askAhead(cache: QueryClient): void {
  const { pathname, search } = location;
  const isHome = pathname === PAGE_PATH || pathname === `${PAGE_PATH}/`;
  // Without a mode in the address, the page opens in test mode if the session has it.
  const mode = isHome ? "test" : modeOf(pathname);
  if (search !== "" || (!isHome && pathname !== `${modePath(mode)}/live`)) return;
  void cache.prefetchQuery(headQuery(createClient(mode), { ...LIVE_EVENTS, parameters: {} }));
}
