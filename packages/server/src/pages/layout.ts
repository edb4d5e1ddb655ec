import { type Html, Html as HtmlText, type HtmlValue, html } from "./html.ts";
import { STYLESHEET } from "./stylesheet.ts";

/** The parts in which pages differ. */
export interface HtmlPage {
  title: string;
  /** Null on pages without a mode. */
  livemode: boolean | null;
  body: HtmlValue;
}

/** A whole page in HTML. It needs no script and loads nothing else. */
export function layout({ title, livemode, body }: HtmlPage): string {
  return `<!doctype html>\n${page(title, livemode, body).text}`;
}

function page(title: string, livemode: boolean | null, body: HtmlValue): Html {
  return html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} – Carabiner</title>
<style>${new HtmlText(STYLESHEET)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header>
<span class="mark">${MARK}Carabiner</span>
${livemode === false && html`<span class="mode">Test mode</span>`}
</header>
<main id="main">
${body}
</main>
<footer>
<span>This is Carabiner, a self-hosted Connect. It moves no money, and it is not Stripe.</span>
</footer>
</body>
</html>
`;
}

/** A carabiner: a ring with a gate. */
const MARK = html`<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2.4" stroke-linecap="round" aria-hidden="true"><path d="M15.5 4.2A5.6 5.6 0 0 0 9 2.9 6 6 0 0 0 5 8.500v7A6 6 0 0 0 11 21.500h2.500a5.500 5.500 0 0 0 5.500-5.500"/><path d="M18 7.200 19 13"/></svg>`;

/** A form's errors, with links to the fields, in a place that screen readers read first. */
export function errorSummary(errors: readonly { field: string | null; message: string }[]): HtmlValue {
  if (errors.length === 0) return null;
  return html`<div class="alert" role="alert"><h2>${errors.length === 1 ? "Something needs correcting" : `${errors.length} things need correcting`}</h2>
<ul>${errors.map(({ field, message }) => html`<li>${field === null ? message : html`<a href="#${field}">${message}</a>`}</li>`)}</ul></div>`;
}
