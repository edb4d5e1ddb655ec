import { ID_FORMS } from "@carabiner/protocol";
import { maskedStart } from "./masked.ts";

/** Kinds whose ids work like secrets: a signing secret, and a session, which anyone who knows its id may pay. */
const SECRET_KINDS: ReadonlySet<string> = new Set(["webhook_secret", "checkout_session", "ephemeral_key"]);

const ID = new RegExp(
  `^(?:${Object.entries(ID_FORMS)
    .filter(([kind]) => !SECRET_KINDS.has(kind))
    .map(([, { prefix }]) => prefix)
    .join("|")})[0-9A-Za-z]{8,64}$`,
);

/**
 * The path of a request with its ids. An open part of the route stays only if it has the form of an id. Anything else
 * could be a secret that was pasted by mistake, and is replaced by the part's name in the route.
 */
export function pathWithIds(path: string, route: string): string {
  if (!route.includes(":")) return route;
  const [parts, words] = [path.split("/"), route.split("/")];
  if (parts.length !== words.length) return route;
  return words.map((word, at) => (word.startsWith(":") && ID.test(parts[at] ?? "") ? parts[at] : word)).join("/");
}

/**
 * The whole path of a request, for a developer to read: anything in it that looks like a secret is masked, and it is
 * cut off at `chars`.
 */
export function wholePath(path: string, chars: number): string {
  return maskedStart(path, chars);
}
