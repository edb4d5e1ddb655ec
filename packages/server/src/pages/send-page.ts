import type { FastifyReply } from "fastify";
import { html } from "./html.ts";
import { type HtmlPage, layout } from "./layout.ts";
import { STYLESHEET_SOURCE } from "./stylesheet.ts";

/** Permissions of this page alone. */
interface Allowed {
  status?: number;
  /** Addresses that its forms may redirect to. Browsers check the redirect after a form like the form's own target. */
  formTargets?: readonly string[];
}

/** Sends a page that runs nothing, loads nothing, and cannot be framed or cached. */
export function sendPage(reply: FastifyReply, page: HtmlPage, { status = 200, formTargets = [] }: Allowed = {}): FastifyReply {
  const targets = [...new Set(formTargets.map(policySource))].join("");
  return reply
    .code(status)
    .headers({
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy": `default-src 'none'; style-src ${STYLESHEET_SOURCE}; form-action 'self'${targets}; base-uri 'none'; frame-ancestors 'none'`,
      "cross-origin-opener-policy": "same-origin",
      "referrer-policy": "same-origin",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
    })
    .send(layout(page));
}

/**
 * An address as a source of the policy. A host with characters that a name cannot contain could mean more than a host.
 */
function policySource(address: string): string {
  const { hostname, origin } = new URL(address);
  return /^[\w.:[\]-]+$/.test(hostname) ? ` ${origin}` : "";
}

/** Redirects the browser by GET: to a path of ours, or to a URL, written in ASCII. */
export function sendAway(reply: FastifyReply, to: string): FastifyReply {
  const location = to.startsWith("/") ? to : new URL(to).href;
  return reply.code(303).headers({ location, "cache-control": "no-store", "referrer-policy": "no-referrer" }).send();
}

/** Sends a page that explains an error. */
export function sendProblem(
  reply: FastifyReply,
  status: number,
  title: string,
  text: string,
  livemode: boolean | null = null,
): FastifyReply {
  return sendPage(reply, { title, livemode, body: html`<div class="card"><h1>${title}</h1><p>${text}</p></div>` }, { status });
}
