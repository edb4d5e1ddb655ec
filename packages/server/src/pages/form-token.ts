import { hash, timingSafeEqual } from "node:crypto";
import type { IdSource } from "@carabiner/protocol";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Settings } from "../operations/operation.ts";

/** Random characters of a cookie: 190 bits. */
const COOKIE_CHARS = 32;

/** The cookie of a session that a link opened, which the browser sends to that session's page alone. */
export const PAGE_COOKIE = "carabiner_page";

/** The value of a cookie that the browser sent. */
export function cookieOf(request: FastifyRequest, name: string): string | undefined {
  for (const pair of (request.headers.cookie ?? "").split(";")) {
    const equals = pair.indexOf("=");
    if (equals !== -1 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return undefined;
}

/** Gives the browser a cookie for pages below `path`, until it is closed. Scripts cannot read it, other sites cannot have it sent with a form. */
export function setCookie(reply: FastifyReply, settings: Settings, cookie: { name: string; value: string; path: string }): void {
  const secure = settings.publicUrl().startsWith("https:") ? "; Secure" : "";
  reply.header("set-cookie", `${cookie.name}=${cookie.value}; Path=${cookie.path}; HttpOnly; SameSite=Lax${secure}`);
}

/** A new value for a cookie. */
export function newCookie(ids: IdSource): string {
  return ids.secret(COOKIE_CHARS);
}

/** What a form carries to show that this browser was given it: follows from the cookie, and does not give it away. */
export function formToken(cookie: string): string {
  return hash("sha256", `form:${cookie}`, "hex");
}

/** Whether a form was given to the browser that sends it. */
export function isOwnForm(cookie: string | undefined, token: unknown): boolean {
  if (cookie === undefined || cookie === "" || typeof token !== "string") return false;
  const [expected, given] = [Buffer.from(formToken(cookie)), Buffer.from(token)];
  return expected.length === given.length && timingSafeEqual(expected, given);
}
