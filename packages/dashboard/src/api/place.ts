/** The two modes, separate as on Stripe: objects of one mode are not visible from the other. */
export type Mode = "live" | "test";

/** The folder of the built page, from the address of this script. This also works below a proxy's path. */
const above = "..";
const FOLDER = import.meta.env.DEV ? "/" : new URL(above, import.meta.url).pathname;

/** The path of the page, without a trailing slash: `/dashboard`. */
export const PAGE_PATH: string = FOLDER.replace(/\/$/, "");

/** The path of the server, without a trailing slash: calls begin with it. */
export const SERVER_PATH: string = PAGE_PATH.replace(/\/dashboard$/, "");

/** The part of the address that names the mode. Live mode has none, as on Stripe. */
export const modePath = (mode: Mode): string => (mode === "test" ? `${PAGE_PATH}/test` : PAGE_PATH);

/** The mode that a path of the page names. */
export const modeOf = (path: string): Mode => (path === `${PAGE_PATH}/test` || path.startsWith(`${PAGE_PATH}/test/`) ? "test" : "live");
