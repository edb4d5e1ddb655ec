/** More segments than any route has. */
const SEGMENTS_SHOWN = 12;

/** Replaces a segment that is not a word of a route. */
const MASK = "*";

/** How a request's path may be logged. */
export interface ShownPath {
  /** Learns the words of a route, given as Fastify's pattern. */
  learn(route: string): void;
  /** The path to log for a request that matched `route`, or no route. */
  show(path: string, route: string | undefined): string;
}

/**
 * The path to log. Any part of a path may be a secret: the end of a link, or one pasted by mistake. So a path with a
 * route is logged as the route's pattern, `/v1/accounts/:account`. For a path without a route, only the segments that
 * are words of routes are logged.
 */
export function createShownPath(): ShownPath {
  const words = new Set<string>([""]);
  return {
    learn(route) {
      for (const segment of route.split("/")) if (!segment.startsWith(":")) words.add(segment);
    },
    show(path, route) {
      if (route !== undefined) return route;
      const segments = path.split("/", SEGMENTS_SHOWN + 1);
      const shown = segments.slice(0, SEGMENTS_SHOWN).map((segment) => (words.has(segment) ? segment : MASK));
      return shown.join("/") + (segments.length > SEGMENTS_SHOWN ? "/…" : "");
    },
  };
}

/** The path of a request, without its query. */
export function pathOf({ url }: { url: string }): string {
  const query = url.indexOf("?");
  return query === -1 ? url : url.slice(0, query);
}
