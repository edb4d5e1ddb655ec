import { type Html, html } from "./html.ts";

/** One field of a form. */
export interface Field {
  /** Its name, and its id in the page. */
  name: string;
  label: string;
  value: string;
  type?: "text" | "email" | "tel" | "url" | "password";
  /** The choices, as value and label; without them it is a text field. */
  options?: readonly (readonly [value: string, label: string])[];
  hint?: string;
  error?: string | undefined;
  required?: boolean;
  autocomplete?: string;
  inputmode?: "numeric";
}

/** A labelled field. Screen readers read its hint and its error together with it. */
export function field({ name, label, value, type = "text", options, hint, error, required = true, autocomplete, inputmode }: Field): Html {
  const described = [hint !== undefined && `${name}-hint`, error !== undefined && `${name}-error`].filter((id) => id !== false).join(" ");
  const attributes = html`id="${name}" name="${name}"${required && html` required`}${described !== "" && html` aria-describedby="${described}"`}${error !== undefined && html` aria-invalid="true"`}${autocomplete !== undefined && html` autocomplete="${autocomplete}"`}${inputmode !== undefined && html` inputmode="${inputmode}"`}`;
  const control =
    options === undefined
      ? html`<input type="${type}" ${attributes} value="${value}">`
      : html`<select ${attributes}>${options.map(([option, text]) => html`<option value="${option}"${option === value && html` selected`}>${text}</option>`)}</select>`;
  return html`<div class="field"><label for="${name}">${label}${!required && html` <span class="soft">(optional)</span>`}</label>${control}
${hint !== undefined && html`<p class="hint" id="${name}-hint">${hint}</p>`}${error !== undefined && html`<p class="error" id="${name}-error">${error}</p>`}</div>`;
}
