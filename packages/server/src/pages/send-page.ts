import type { FastifyReply } from "fastify";
import { html } from "./html.ts";
import { type HtmlPage, layout } from "./layout.ts";
import { STYLESHEET_SOURCE } from "./stylesheet.ts";

/** What a page may do beside what every page may. */
interface Allowed {
  status?: number;
  /** Addresses its forms may end up at: the answer to a form sends the browser there, which counts as the form's own doing. */
  formTargets?: readonly string[];
}

/** Sends a page: nothing in it runs, nothing is loaded, nobody frames it, nothing keeps it. */
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

/** An address as the policy names it. A host in which something else stands than in names would say more than a host. */
function policySource(address: string): string {
  const { hostname, origin } = new URL(address);
  return /^[\w.:[\]-]+$/.test(hostname) ? ` ${origin}` : "";
}

/** Sends the browser elsewhere, by GET: to a path of ours, or to a URL, which is written as URLs are: in ASCII. */
export function sendAway(reply: FastifyReply, to: string): FastifyReply {
  const location = to.startsWith("/") ? to : new URL(to).href;
  return reply.code(303).headers({ location, "cache-control": "no-store", "referrer-policy": "no-referrer" }).send();
}

/** A page that says why there is no page. */
export function sendProblem(
  reply: FastifyReply,
  status: number,
  title: string,
  text: string,
  livemode: boolean | null = null,
): FastifyReply {
  return sendPage(reply, { title, livemode, body: html`<div class="card"><h1>${title}</h1><p>${text}</p></div>` }, { status });
}
