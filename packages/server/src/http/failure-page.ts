import type { FastifyReply, FastifyRequest } from "fastify";
import type { ErrorAnswer } from "../api/error-answer.ts";
import { html } from "../pages/html.ts";
import { sendPage } from "../pages/send-page.ts";
import { pathOf } from "./shown-path.ts";

/** Paths whose answers are JSON for every client: Java's own client prefers HTML in its `Accept`. */
const FOR_PROGRAMS = /^\/(?:v1|v2|console|operator|oauth\/(?:token|deauthorize)|openapi\.json|livez|readyz|health)(?:\/|$)/;

/** Whether a browser requests a page, to show the answer to a person. */
export function isForPerson(request: FastifyRequest): boolean {
  return /\btext\/html\b/.test(request.headers.accept ?? "") && !FOR_PROGRAMS.test(pathOf(request));
}

/** The title of a page that cannot be shown, by status. */
const TITLES: Readonly<Record<number, string>> = {
  404: "There is no such page",
  429: "Too many requests came from here",
  500: "Something went wrong on the server",
  503: "The server does not answer at the moment",
};

/** Failures explained to a person. The error's own sentence is for a program. */
const SENTENCES: Readonly<Record<string, string>> = {
  server_stopping: "It is shutting down or restarting.",
  storage_uncertain: "It lost its storage before it was certain that what you sent was done. Look whether it was before you send it again.",
};

/**
 * Answers a browser with a page that says why the page it asked for is missing. A failure that passes is tried again. A
 * page that was only opened reloads itself, after `reloadMs` or when the error says; where a form was sent, the person
 * has to send it again.
 */
export function sendFailure(reply: FastifyReply, request: FastifyRequest, answer: ErrorAnswer, reloadMs: number): void {
  const { status, error, message, retryAfterSeconds } = answer;
  const title = TITLES[status] ?? "This was refused";
  const isOpened = request.method === "GET";
  if (retryAfterSeconds !== null && isOpened) reply.header("refresh", Math.max(retryAfterSeconds, Math.ceil(reloadMs / 1_000)));
  const again = isOpened
    ? html`<p>This page reloads automatically. <a href="">Load it now</a></p>`
    : html`<p>Wait a moment, then load this page again, and let the browser repeat what you sent.</p>`;
  const body = html`<div class="card"><h1>${title}</h1><p>${SENTENCES[error] ?? message}</p>
${retryAfterSeconds !== null && error !== "storage_uncertain" && again}
<p class="hint">Request <code>${request.id}</code></p></div>`;
  sendPage(reply, { title, livemode: null, body }, { status });
}
