import type { Carabiner } from "../../../src/index.ts";
import type { Platform } from "../../platform-of-its-own.ts";

/**
 * Where the tests' platforms have their users sent back to. Nothing listens there: the address is all that is looked
 * at.
 */
export const REDIRECT_URI = "https://platform.example/connected";

/** A platform whose users may be sent back. */
export async function withRedirects(platform: Platform, ...uris: string[]): Promise<Platform> {
  for (const stripe of [platform.test, platform.live])
    await stripe.rawRequest("POST", "/console/application", { redirect_uris: uris.length === 0 ? [REDIRECT_URI] : uris });
  return platform;
}

/** A browser without a window: it keeps cookies, and follows no redirect. */
export function browser(server: Pick<Carabiner, "url">) {
  const cookies = new Map<string, string>();
  async function go(path: string, form?: Record<string, string>) {
    const response = await fetch(new URL(path, server.url), {
      redirect: "manual",
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") },
      ...(form === undefined ? {} : { method: "POST", body: new URLSearchParams(form) }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [name = "", value = ""] = (line.split(";")[0] ?? "").split("=");
      cookies.set(name, value);
    }
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      location: response.headers.get("location") ?? "",
      /** What the page's forms carry. */
      formToken: /name="form_token" value="(\w+)"/.exec(text)?.[1] ?? "",
    };
  }
  return { go };
}

/** The link to the consent page. */
export function authorizePath(query: Record<string, string>, express = false): string {
  return `${express ? "/express" : ""}/oauth/authorize?${new URLSearchParams({ response_type: "code", scope: "read_write", ...query })}`;
}

/** A user who agrees: opens the page, sends one of its forms, and comes back with what the address says. */
export async function consent(
  server: Pick<Carabiner, "url">,
  query: Record<string, string>,
  form: Record<string, string>,
  express = false,
): Promise<{ code: string; scope: string | null; state: string | null; address: URL }> {
  const { go } = browser(server);
  const path = authorizePath(query, express);
  const { formToken } = await go(path);
  const { status, location, text } = await go(path, { form_token: formToken, ...form });
  if (status !== 303)
    throw new Error(`the consent page answered ${status}: ${/class="error"[^>]*>([^<]+)/.exec(text)?.[1] ?? text.slice(0, 500)}`);
  const address = new URL(location);
  const of = (name: string) => address.searchParams.get(name);
  return { code: of("code") ?? "", scope: of("scope"), state: of("state"), address };
}

/** Connects an existing account by its user's consent, in the mode of the platform's client id. */
export async function connect(
  server: Pick<Carabiner, "url">,
  platform: Platform,
  mode: "test" | "live",
  form: Record<string, string>,
): Promise<string> {
  const { code } = await consent(server, { client_id: platform.applications[mode] }, form);
  return (await platform[mode].oauth.token({ grant_type: "authorization_code", code })).stripe_user_id ?? "";
}

/** What the form of a page would send as it is. */
export function formOf(text: string): Record<string, string> {
  const fields: Record<string, string> = {};
  const plain = (value: string) => value.replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&amp;", "&");
  for (const [tag] of text.matchAll(/<input[^>]*>/g)) {
    const of = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1];
    const name = of("name");
    if (name === undefined || (of("type") === "checkbox" && !tag.includes(" checked"))) continue;
    fields[name] = plain(of("value") ?? "");
  }
  for (const [select, name = ""] of text.matchAll(/<select[^>]*name="([^"]+)"[\s\S]*?<\/select>/g))
    fields[name] = /value="([^"]*)" selected/.exec(select)?.[1] ?? "";
  return fields;
}
