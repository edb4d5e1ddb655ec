import type { FastifyReply, FastifyRequest } from "fastify";
import type { ErrorAnswer } from "../api/error-answer.ts";
import { html } from "../pages/html.ts";
import { sendPage } from "../pages/send-page.ts";
import { pathOf } from "./shown-path.ts";

/** Paths whose answers are JSON, whoever asks for them: Java's own client asks for HTML first. */
const FOR_PROGRAMS = /^\/(?:v1|v2|console|operator|oauth\/(?:token|deauthorize)|openapi\.json|livez|readyz|health)(?:\/|$)/;

/** Whether a browser asks for a page, to show its answer to a person. */
export function isForPerson(request: FastifyRequest): boolean {
  return /\btext\/html\b/.test(request.headers.accept ?? "") && !FOR_PROGRAMS.test(pathOf(request));
}

/** What a page that cannot be shown is titled, by the status. */
const TITLES: Readonly<Record<number, string>> = {
  404: "There is no such page",
  429: "Too many requests came from here",
  500: "Something went wrong on the server",
  503: "The server does not answer at the moment",
};

/** What failures are for a person, where the error's own sentence is for a program. */
const SENTENCES: Readonly<Record<string, string>> = {
  server_stopping: "It is shutting down, or starts anew.",
  storage_uncertain: "It lost its storage before it was certain that what you sent was done. Look whether it was before you send it again.",
};

/**
 * Answers a browser with a page that says why there is no other. What passes by itself is tried again: by the page
 * where it was only opened, `reloadMs` later or when the error says, and by the person where something was sent.
 */
export function sendFailure(reply: FastifyReply, request: FastifyRequest, answer: ErrorAnswer, reloadMs: number): void {
  const { status, error, message, retryAfterSeconds } = answer;
  const title = TITLES[status] ?? "This was refused";
  const isOpened = request.method === "GET";
  if (retryAfterSeconds !== null && isOpened) reply.header("refresh", Math.max(retryAfterSeconds, Math.ceil(reloadMs / 1_000)));
  const again = isOpened
    ? html`<p>This page loads again by itself. <a href="">Load it now</a></p>`
    : html`<p>Wait a moment, then load this page again, and let the browser repeat what you sent.</p>`;
  const body = html`<div class="card"><h1>${title}</h1><p>${SENTENCES[error] ?? message}</p>
${retryAfterSeconds !== null && error !== "storage_uncertain" && again}
<p class="hint">Request <code>${request.id}</code></p></div>`;
  sendPage(reply, { title, livemode: null, body }, { status });
}
