/** More segments than any route has. */
const SEGMENTS_SHOWN = 12;

/** Replaces a segment that is not a word of a route. */
const MASK = "*";

/** Tells how a request's path may be written down. */
export interface ShownPath {
  /** Learns the words of a route, in Fastify's form. */
  learn(route: string): void;
  /** The path of a request that matched `route`, or none. */
  show(path: string, route: string | undefined): string;
}

/**
 * A path as it may be written down. Whatever stands in it may be a secret: the one a link ends in, or one that was pasted
 * there by mistake. So a route is written down by its form, `/v1/accounts/:account`, and of a path without a route only the
 * segments that are words of routes, letter by letter.
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
