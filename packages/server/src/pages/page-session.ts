import type { FastifyReply, FastifyRequest } from "fastify";
import { type Followed, type SessionState, sessionBy } from "../resources/connections/page-link.ts";
import type { Reads } from "../store/contract/transaction.ts";
import { formToken, isOwnForm } from "./form-token.ts";
import type { PageContext } from "./page-context.ts";
import { cookiesOf, type PageCookie, setCookie } from "./page-cookie.ts";

/** The cookie of a session that a link opened. The browser sends it only to that session's page. */
const COOKIE: PageCookie = { name: "carabiner_page", scope: "page" };

/** A session that belongs to this browser. */
export interface PageSession extends Followed<SessionState> {
  /** The token in the forms of its pages. */
  formToken: string;
  /** Whether a form with this token is one of them. */
  isOwnForm(token: unknown): boolean;
}

/** Gives the session to the browser that followed the link. */
export function keepSession(context: PageContext, reply: FastifyReply, cookie: string, path: string): void {
  setCookie(reply, context.settings, COOKIE, cookie, path);
}

/** The session in a page's address, if this browser has its cookie and the session is still open. */
export async function pageSession(context: PageContext, reads: Reads, request: FastifyRequest): Promise<PageSession | null> {
  const { name = "" } = request.params as Record<string, string>;
  for (const cookie of cookiesOf(request, context.settings, COOKIE)) {
    const session = await sessionBy(reads, name, cookie, context.clock.now());
    if (session === null) continue;
    return {
      ...session,
      formToken: formToken(context.secret, cookie, name),
      isOwnForm: (token) => isOwnForm(context.secret, cookie, name, token),
    };
  }
  return null;
}
