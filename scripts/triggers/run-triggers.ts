import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Stripe from "stripe";
import type { Carabiner } from "../../packages/server/src/index.ts";
import { ROOT } from "../house/repository-files.ts";

/** The result of one of the official CLI's built-in triggers. */
export interface TriggerOutcome {
  /** The CLI's name for it, which is usually the type of the event that it causes. */
  trigger: string;
  /** Whether the CLI succeeded, and the event happened. */
  passes: boolean;
  /** Why it failed; empty when it passes. */
  why: string;
}

const CLI = join(ROOT, "node_modules/.bin/stripe");

/** How long one trigger may take: some make a dozen calls. */
const TRIGGER_MS = 60_000;

/** How many triggers run in parallel. Each has its own platform. */
const AT_ONCE = 4;

interface Ended {
  ok: boolean;
  stdout: string;
  stderr: string;
}

function stripe(args: readonly string[], home: string, key: string): Promise<Ended> {
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    XDG_CONFIG_HOME: home,
    STRIPE_API_KEY: key,
    STRIPE_CLI_TELEMETRY_OPTOUT: "1",
    // The CLI looks for newer versions of itself. It does so through a proxy that does not exist, so that nothing
    // leaves the machine.
    HTTPS_PROXY: "http://127.0.0.1:9",
  };
  return new Promise((resolve) => {
    execFile(CLI, args, { timeout: TRIGGER_MS, env }, (error, stdout, stderr) => resolve({ ok: error === null, stdout, stderr }));
  });
}

/** Runs every built-in trigger of the official CLI against a development server. */
export async function runTriggers(server: Pick<Carabiner, "host" | "port" | "url" | "keys">): Promise<TriggerOutcome[]> {
  const home = mkdtempSync(join(tmpdir(), "carabiner-triggers-"));
  try {
    const triggers = await builtInTriggers(home);
    const outcomes: TriggerOutcome[] = [];
    const waiting = [...triggers.keys()];
    const work = async () => {
      for (let at = waiting.shift(); at !== undefined; at = waiting.shift())
        outcomes[at] = await runTrigger(server, home, triggers[at] as string);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return outcomes;
  } finally {
    rmSync(home, { recursive: true });
  }
}

/** The names of the triggers that the CLI has built in, as its help lists them. */
async function builtInTriggers(home: string): Promise<string[]> {
  const { stdout } = await stripe(["trigger", "--help"], home, "sk_test_none");
  const list = /Supported events:\n((?: {2}\S+\n)+)/.exec(stdout)?.[1];
  if (list === undefined) throw new Error("The official CLI lists no triggers in its help.");
  return list.trim().split(/\s+/);
}

async function runTrigger(
  server: Pick<Carabiner, "host" | "port" | "url" | "keys">,
  home: string,
  trigger: string,
): Promise<TriggerOutcome> {
  const client = (key: string) => new Stripe(key, { host: server.host, port: server.port, protocol: "http", telemetry: false });
  const made = (await client(server.keys.test.secret).rawRequest("POST", "/v1/test_helpers/platforms", {})) as unknown as {
    keys: Carabiner["keys"];
  };
  const platform = client(made.keys.test.secret);
  // Every event on the platform or on one of its accounts goes to one of these endpoints.
  for (const connect of [false, true])
    await platform.webhookEndpoints.create({ url: "http://127.0.0.1:9/hook", enabled_events: ["*"], connect });
  const { ok, stderr } = await stripe(["trigger", trigger, "--api-base", server.url], home, made.keys.test.secret);
  if (!ok) return { trigger, passes: false, why: reasonOf(stderr) };
  const happened = await typesOwed(platform);
  const passes = [...happened].some((type) => trigger === type || trigger.startsWith(`${type}.`));
  return { trigger, passes, why: passes ? "" : "the CLI expects errors here, gets them, and the event does not happen" };
}

/** The types of the events that went to a platform's endpoints. */
async function typesOwed(platform: Stripe): Promise<Set<string>> {
  const { data } = (await platform.rawRequest("GET", "/console/deliveries?limit=100")) as unknown as { data: { event_type: string }[] };
  return new Set(data.map(({ event_type }) => event_type));
}

/** Why a trigger failed, from the CLI's output about the last answer that it got. */
function reasonOf(stderr: string): string {
  const body = /body=(\{[\s\S]*\})/.exec(stderr)?.[1];
  const message = body === undefined ? stderr.trim() : (JSON.parse(body) as { error: { message: string } }).error.message;
  const [, call, area] = /^Stripe has (\S+ \S+), and Carabiner does not(?:: (\w+) is out of its scope| have it yet)/.exec(message) ?? [];
  if (call === undefined) return message;
  return area === undefined ? `\`${call}\` is not here` : `\`${call}\`: ${area} is out of scope`;
}
