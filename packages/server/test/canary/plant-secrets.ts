import { authorizePath, browser, consent } from "../pages/oauth/consent.ts";
import { png } from "../resources/files/image-fixtures.ts";
import type { Canaries } from "./canaries.ts";

/** The keys and client ids of a platform, as `platforms create` gives them. */
export interface Platform {
  applications: Record<Mode, string>;
  keys: Record<Mode, { secret: string; publishable: string }>;
}

type Mode = "test" | "live";
type Form = Record<string, string>;
type Answer = Record<string, unknown>;

/** A platform, and another account that is connected to it. */
export interface Who {
  platform: Platform;
  user: Platform;
}

/** A server, and where endpoints may be. */
export interface Place {
  url: string;
  /** `https://receiver.example/`: a token is written behind it. */
  receiver: string;
}

/**
 * Gives a server a secret in every field that can hold one, and takes down every secret that it shows, in both modes.
 */
export async function plantSecrets(place: Place, who: Who, canaries: Canaries): Promise<void> {
  for (const mode of ["test", "live"] as const) {
    canaries.shown(`${mode} secret key`, who.platform.keys[mode].secret);
    canaries.shown(`${mode} secret key of a user`, who.user.keys[mode].secret);
    await plantInMode(new Caller(place, who, mode, canaries));
  }
}

async function plantInMode(call: Caller): Promise<void> {
  await endpoints(call);
  await refused(call);
  await links(call);
  await oauth(call);
  await people(call);
}

/** Calls of a platform in one mode. */
class Caller {
  readonly #place: Place;
  readonly platform: Platform;
  readonly user: Platform;
  readonly mode: Mode;
  readonly canaries: Canaries;
  #keys = 0;

  constructor(place: Place, { platform, user }: Who, mode: Mode, canaries: Canaries) {
    this.#place = place;
    this.platform = platform;
    this.user = user;
    this.mode = mode;
    this.canaries = canaries;
  }

  get server(): Place {
    return this.#place;
  }

  plant(name: string, options?: { kept?: boolean }): string {
    return this.canaries.plant(`${this.mode} ${name}`, options);
  }

  shown(name: string, secret: unknown, options?: { kept?: boolean }): string {
    return this.canaries.shown(`${this.mode} ${name}`, secret, options);
  }

  /** A call whose answer is kept for its key. Throws unless it is answered with `status`. */
  async post(
    path: string,
    form: Form | FormData = {},
    { status = 200, headers = {} }: { status?: number; headers?: Form } = {},
  ): Promise<Answer> {
    const key = `${this.mode}-${path}-${++this.#keys}-${Math.trunc(performance.timeOrigin)}`;
    return this.send(path, {
      method: "POST",
      body: form instanceof FormData ? form : new URLSearchParams(form),
      headers: { "idempotency-key": key, ...headers },
      status,
    });
  }

  async send(path: string, { status, headers, ...init }: RequestInit & { status: number; headers?: Form }): Promise<Answer> {
    const secret = this.platform.keys[this.mode].secret;
    const answer = await fetch(this.#place.url + path, { ...init, headers: { authorization: `Bearer ${secret}`, ...headers } });
    const text = await answer.text();
    if (answer.status !== status) throw new Error(`${path} was answered ${answer.status}, not ${status}: ${text}`);
    return JSON.parse(text) as Answer;
  }
}

/** Signing secrets, and URLs with tokens: made, changed, rolled, disabled, deleted, refused. */
async function endpoints(call: Caller): Promise<void> {
  const { receiver } = call.server;
  const url = (name: string, options = {}) =>
    `${receiver}${call.plant(`endpoint's path ${name}`, options)}?token=${call.plant(`endpoint's query ${name}`, options)}`;
  const one = await call.post("/v1/webhook_endpoints", { url: url("made", { kept: true }), "enabled_events[]": "*", connect: "true" });
  call.shown("signing secret", one.secret, { kept: true });
  await call.post(`/v1/webhook_endpoints/${one.id}`, { url: url("changed", { kept: true }) });
  const rolled = await call.post(`/console/webhook_endpoints/${one.id}/roll_secret`, { expire_after: "3600" });
  call.shown("rolled signing secret", rolled.secret, { kept: true });
  const other = await call.post("/v1/webhook_endpoints", { url: url("disabled", { kept: true }), "enabled_events[]": "*" });
  call.shown("signing secret, disabled", other.secret, { kept: true });
  await call.post(`/v1/webhook_endpoints/${other.id}`, { disabled: "true" });
  const gone = await call.post("/v1/webhook_endpoints", { url: url("deleted", { kept: true }), "enabled_events[]": "*" });
  call.shown("signing secret, deleted", gone.secret, { kept: true });
  await call.send(`/v1/webhook_endpoints/${gone.id}`, { method: "DELETE", status: 200 });
  // A refusal that says what was refused is kept for its key.
  const here = `https://localhost/${call.plant("endpoint's URL refused")}`;
  await call.post("/v1/webhook_endpoints", { url: here, "enabled_events[]": "*" }, { status: 400 });
}

/** Requests that are refused, with a secret in each part of them. */
async function refused(call: Caller): Promise<void> {
  const nobody = (place: string) => `sk_${call.mode}_${call.plant(`wrong key in ${place}`)}`;
  const basic = (key: string) => `Basic ${Buffer.from(`${key}:`).toString("base64")}`;
  await call.send("/v1/customers", { headers: { authorization: `Bearer ${nobody("Bearer")}` }, status: 401 });
  await call.send("/v1/customers", { headers: { authorization: basic(nobody("Basic")) }, status: 401 });
  await call.send(`/v1/customers?api_key=${nobody("the query")}`, { status: 400 });
  await call.send(`/v1/customers?${call.plant("query's name")}=1`, { status: 400 });
  await call.send("/v1/customers", { headers: { "stripe-version": call.plant("version") }, status: 400 });
  await call.send("/v1/customers", { headers: { "stripe-account": call.plant("account header") }, status: 403 });
  await call.send("/v1/customers", {
    headers: { "x-api-key": nobody("a header"), cookie: `session=${call.plant("cookie")}`, referer: `https://a/?${call.plant("referer")}` },
    status: 200,
  });
  await call.post("/v1/customers", { [call.plant("form's name")]: "1" }, { status: 400 });
  await call.send("/v1/customers", {
    method: "POST",
    body: `email=%E0%A4%A${call.plant("malformed form")}`,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    status: 400,
  });
  await call.send("/v1/events", {
    method: "POST",
    body: `{"type": ${call.plant("malformed JSON")}`,
    headers: { "content-type": "application/json" },
    status: 400,
  });
  await call.post(
    "/console/application",
    { "redirect_uris[]": `https://user:${call.plant("redirect URI's password")}@a.example` },
    { status: 400 },
  );
  // Paths that lead nowhere, and those of links in another form.
  for (const path of ["/v1/nothing/", "/", "/V1/Customers/", "/setup/e/acct_1/x/", "/SETUP/E/acct_1/", "/oauth/authorize/"])
    await fetch(`${call.server.url}${path}${call.plant(`path ${path}`)}`);
  await fetch(`${call.server.url}/setup/e/acct_1/${call.plant("account link of another method")}`, { method: "DELETE" });
}

/** Links to pages, what browsers get for them, and where users go afterwards. */
async function links(call: Caller): Promise<void> {
  const back = (name: string, options = {}) => `https://platform.example/back?token=${call.plant(name, options)}`;
  await call.post("/console/application", { "redirect_uris[]": back("redirect URI", { kept: true }) });
  const refusedUri = `ftp://platform.example/${call.plant("redirect URI refused", { kept: true })}`;
  await call.post("/console/application", { "redirect_uris[]": refusedUri }, { status: 400 });
  const { id } = (await call.post("/v1/accounts", { type: "express", country: "US" })) as { id: string };
  const link = await call.post("/v1/account_links", {
    account: id,
    type: "account_onboarding",
    refresh_url: back("refresh_url", { kept: true }),
    return_url: back("return_url", { kept: true }),
  });
  const path = new URL(String(link.url)).pathname;
  // The answer is kept, but a link that is followed is a hash.
  call.shown("account link", path.split("/").at(-1), { kept: true });
  const { go } = browser(call.server);
  const arrived = await go(path);
  call.shown("page's cookie", /=([^;]+)/.exec(arrived.headers.get("set-cookie") ?? "")?.[1]);
  const page = await go(arrived.location);
  call.shown("page's form token", page.formToken);
  await go(arrived.location, { form_token: page.formToken, action: "save", "individual.id_number": call.plant("ID number on a page") });
  await go(arrived.location, { form_token: call.plant("wrong form token"), action: "leave" });
  await go(`/setup/e/${id}/${call.plant("unknown account link")}`);
  await go(`/express/${id}/${call.plant("unknown login link")}`);
  const session = await call.post("/v1/account_sessions", { account: id, "components[account_onboarding][enabled]": "true" });
  call.shown("account session", session.client_secret, { kept: true });
}

/** Codes, tokens and keys, as platforms and users exchange them. */
async function oauth(call: Caller): Promise<void> {
  const { platform, user, mode, server } = call;
  const state = call.plant("state");
  const query = { client_id: platform.applications[mode], state };
  const { go } = browser(server);
  const asked = await go(authorizePath(query));
  call.shown("consent cookie", /=([^;]+)/.exec(asked.headers.get("set-cookie") ?? "")?.[1]);
  await go(authorizePath(query), {
    form_token: asked.formToken,
    action: "connect",
    key: `sk_${mode}_${call.plant("wrong key on the page")}`,
  });
  const { code } = await consent(server, query, { action: "connect", key: user.keys[mode].secret });
  call.shown("authorization code", code);
  const exchange = async (given: Form) =>
    (await (await fetch(`${server.url}/oauth/token`, { method: "POST", body: new URLSearchParams(given) })).json()) as Answer;
  const client_secret = platform.keys[mode].secret;
  const tokens = await exchange({ client_secret, grant_type: "authorization_code", code });
  call.shown("access token", tokens.access_token);
  const refresh_token = call.shown("refresh token", tokens.refresh_token);
  call.shown("refreshed access token", (await exchange({ client_secret, grant_type: "refresh_token", refresh_token })).access_token);
  await exchange({ client_secret, grant_type: "authorization_code", code: `ac_${call.plant("unknown code")}` });
  await exchange({ client_secret, grant_type: "refresh_token", refresh_token: `rt_${call.plant("unknown refresh token")}` });
  await exchange({ client_secret: `sk_${mode}_${call.plant("wrong client_secret")}`, grant_type: "refresh_token", refresh_token });
}

/** Values that identify a person: they are judged on arrival, and not stored. */
async function people(call: Caller): Promise<void> {
  const upload = new FormData();
  upload.set("purpose", "identity_document");
  const content = Buffer.concat([Buffer.from(png(1, 1)), Buffer.from(call.plant("file's content"))]);
  upload.set("file", new File([content], "passport.png", { type: "image/png" }));
  await call.post("/v1/files", upload);
  await call.post("/v1/tokens", { "pii[id_number]": call.plant("PII token") });
  await call.post("/v1/tokens", { "person[id_number]": call.plant("person token"), "person[first_name]": "Jenny" });
  await call.post("/v1/accounts", {
    type: "custom",
    country: "US",
    business_type: "individual",
    "individual[id_number]": call.plant("ID number"),
  });
}
