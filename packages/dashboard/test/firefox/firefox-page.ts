import { vi } from "vitest";
import type { Bidi } from "./bidi.ts";

/** What to find: by its text, or by its role and the name that it is read by. */
export type Wanted = string | { role: string; name?: string };

/** A window of Firefox. What is waited for comes within seconds, or the call rejects. */
export interface FirefoxPage {
  /** Errors of the console, of scripts and of the page's policy, dialogs, and requests to elsewhere. */
  readonly complaints: readonly string[];
  goto(url: string): Promise<void>;
  /** Goes to another address as a link of the page does. */
  turnTo(path: string): Promise<void>;
  /** The value of an expression, if it is data. It is not subject to the page's policy. */
  evaluate<Value>(expression: string): Promise<Value>;
  /** Waits until it can be seen. */
  see(wanted: Wanted): Promise<void>;
  /** Waits until it cannot be seen. */
  miss(wanted: Wanted): Promise<void>;
  click(wanted: Wanted): Promise<void>;
  /** Types into the field of a label, after what was there is gone. */
  fill(label: string, text: string): Promise<void>;
  /** Presses keys, one after another: `Tab`, `j`. */
  press(...keys: string[]): Promise<void>;
  /** Waits until an expression is true. */
  until(expression: string, what: string): Promise<void>;
  resize(width: number, height: number): Promise<void>;
  /** A picture of what can be seen: the bytes of a PNG. */
  picture(): Promise<Buffer>;
  /** Opens a tab before it, so that it is hidden. Returns what closes that tab. */
  hide(): Promise<() => Promise<void>>;
  /** Forgets who is signed in. */
  forgetCookies(): Promise<void>;
  close(): Promise<void>;
}

/** How long something is waited for, and how often it is looked for, in milliseconds. */
const PATIENCE_MS = 30_000;
const LOOK_MS = 50;

/** Keys that are not a character, as WebDriver writes them. */
const KEYS: Readonly<Record<string, string>> = { Enter: "\uE007", Escape: "\uE00C", Tab: "\uE004", ArrowDown: "\uE015" };

/** The page's policy has no place in WebDriver's log: its breaches are told as errors. */
const TELL_BREACHES = `() => document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sample }) =>
  console.error("policy", violatedDirective, blockedURI, sample))`;

interface Found {
  sharedId: string;
}

/** Opens a window in a separate user context, and goes to a page of the server at `url`. */
export async function openFirefoxPage(bidi: Bidi, url: string): Promise<FirefoxPage> {
  const { userContext } = await bidi.send<{ userContext: string }>("browser.createUserContext", {});
  const { context } = await bidi.send<{ context: string }>("browsingContext.create", { type: "window", userContext });
  await bidi.send("script.addPreloadScript", { functionDeclaration: TELL_BREACHES, contexts: [context] });
  const complaints = listen(bidi, context, new URL(url).origin);

  const evaluate = async <Value>(expression: string): Promise<Value> => {
    const { result, exceptionDetails } = await bidi.send<{ result: RemoteValue; exceptionDetails?: { text: string } }>("script.evaluate", {
      expression,
      target: { context },
      awaitPromise: true,
    });
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.text);
    return dataOf(result) as Value;
  };
  /** The last that can be seen, which is in a dialog if there is one; null when none can. */
  const find = async (wanted: Wanted): Promise<Found | null> => {
    if (typeof wanted === "string") return found(bidi, context, FIND_TEXT, wanted);
    const { nodes } = await bidi.send<{ nodes: Found[] }>("browsingContext.locateNodes", {
      context,
      locator: { type: "accessibility", value: wanted },
    });
    for (const node of nodes.reverse()) if (await isVisible(bidi, context, node)) return node;
    return null;
  };
  const waitFor = (wanted: Wanted): Promise<Found> => poll(() => find(wanted), JSON.stringify(wanted));
  const type = async (text: readonly string[]): Promise<void> => {
    const actions = text.flatMap((value) => [
      { type: "keyDown", value },
      { type: "keyUp", value },
    ]);
    await bidi.send("input.performActions", { context, actions: [{ type: "key", id: "keyboard", actions }] });
  };
  const click = async (wanted: Wanted): Promise<void> => {
    const element = await waitFor(wanted);
    await call(bidi, context, "(element) => element.scrollIntoView({ block: 'center', inline: 'center' })", element);
    const actions = [
      { type: "pointerMove", x: 0, y: 0, origin: { type: "element", element } },
      { type: "pointerDown", button: 0 },
      { type: "pointerUp", button: 0 },
    ];
    await bidi.send("input.performActions", { context, actions: [{ type: "pointer", id: "mouse", actions }] });
  };

  return {
    complaints,
    evaluate,
    click,
    async goto(to) {
      await bidi.send("browsingContext.navigate", { context, url: to, wait: "complete" });
    },
    turnTo: (path) => evaluate(`history.pushState(null, "", ${JSON.stringify(path)})`),
    async see(wanted) {
      await waitFor(wanted);
    },
    async miss(wanted) {
      await poll(async () => (await find(wanted)) === null, `${JSON.stringify(wanted)} to go`);
    },
    async fill(label, text) {
      const field = await poll(() => found(bidi, context, FIND_FIELD, label), `a field ${label}`);
      await call(bidi, context, "(field) => { field.focus(); field.select(); }", field);
      await type([...text]);
    },
    press: (...keys) => type(keys.map((key) => KEYS[key] ?? key)),
    async until(expression, what) {
      await poll(() => evaluate<boolean>(expression), what);
    },
    async resize(width, height) {
      await bidi.send("browsingContext.setViewport", { context, viewport: { width, height } });
    },
    async picture() {
      const { data } = await bidi.send<{ data: string }>("browsingContext.captureScreenshot", { context });
      return Buffer.from(data, "base64");
    },
    async hide() {
      const { context: tab } = await bidi.send<{ context: string }>("browsingContext.create", { type: "tab", referenceContext: context });
      await bidi.send("browsingContext.activate", { context: tab });
      return async () => {
        await bidi.send("browsingContext.close", { context: tab });
        await bidi.send("browsingContext.activate", { context });
      };
    },
    async forgetCookies() {
      await bidi.send("storage.deleteCookies", { partition: { type: "context", context } });
    },
    async close() {
      await bidi.send("browser.removeUserContext", { userContext });
    },
  };
}

/** A value of the page's, as WebDriver writes it. */
interface RemoteValue {
  type: string;
  value?: unknown;
}

/** The value itself: null for what is not data. */
function dataOf({ type, value }: RemoteValue): unknown {
  if (value === undefined) return null;
  if (type === "array") return (value as RemoteValue[]).map(dataOf);
  if (type === "object") return Object.fromEntries((value as [string, RemoteValue][]).map(([key, one]) => [key, dataOf(one)]));
  return ["boolean", "number", "string"].includes(type) ? value : null;
}

/** What the window complains of, as it comes. */
function listen(bidi: Bidi, context: string, origin: string): string[] {
  const complaints: string[] = [];
  bidi.on<{ level: string; text: string; source: { context?: string } }>("log.entryAdded", ({ level, text, source }) => {
    if (level === "error" && source.context === context) complaints.push(text);
  });
  bidi.on<{ context: string; type: string; message: string }>("browsingContext.userPromptOpened", (prompt) => {
    // Leaving a page that has something typed asks first.
    if (prompt.context === context && prompt.type !== "beforeunload") complaints.push(`dialog: ${prompt.message}`);
  });
  bidi.on<{ context: string; request: { url: string } }>("network.beforeRequestSent", ({ context: from, request }) => {
    if (from === context && /^(?:https?|wss?):/.test(request.url) && new URL(request.url).origin !== origin)
      complaints.push(`asked for ${request.url}`);
  });
  return complaints;
}

/** Calls a function of the page's on an element. */
async function call<Value>(bidi: Bidi, context: string, functionDeclaration: string, element: Found): Promise<Value> {
  const answer = await bidi.send<{ result: { value?: Value } }>("script.callFunction", {
    functionDeclaration,
    arguments: [{ sharedId: element.sharedId }],
    target: { context },
    awaitPromise: true,
  });
  return answer.result.value as Value;
}

/** The last and innermost element with a text that can be seen. Firefox has no such locator. */
const FIND_TEXT = `(text) => {
  const has = (element) => element.textContent.includes(text);
  const walk = (element) => [...element.children].reverse().reduce((found, child) => found ?? (has(child) ? walk(child) : null), null)
    ?? (has(element) && element.checkVisibility({ visibilityProperty: true }) ? element : null);
  return walk(document.body);
}`;

/** The last field whose label has a text. */
const FIND_FIELD = `(text) => [...document.querySelectorAll("input, textarea, select")].findLast((field) =>
  field.getAttribute("aria-label") === text || [...field.labels].some((label) => label.textContent.includes(text)))`;

/** What a function of the page's finds by a text. */
async function found(bidi: Bidi, context: string, functionDeclaration: string, text: string): Promise<Found | null> {
  const { result } = await bidi.send<{ result: { sharedId?: string } }>("script.callFunction", {
    functionDeclaration,
    arguments: [{ type: "string", value: text }],
    target: { context },
    awaitPromise: false,
  });
  return result.sharedId === undefined ? null : { sharedId: result.sharedId };
}

const isVisible = (bidi: Bidi, context: string, element: Found): Promise<boolean> =>
  call<boolean>(bidi, context, "(element) => element.checkVisibility({ visibilityProperty: true })", element).catch(() => false);

/** Looks again and again, until there is something. */
function poll<Result>(look: () => Promise<Result | null | false>, what: string): Promise<Result> {
  const lookOnce = async (): Promise<Result> => {
    const seen = await look();
    if (seen === null || seen === false) throw new Error(`waited in vain for ${what}`);
    return seen;
  };
  return vi.waitFor(lookOnce, { timeout: PATIENCE_MS, interval: LOOK_MS });
}
