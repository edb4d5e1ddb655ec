import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import Stripe from "stripe";

/** A `carabiner` command in some form, and how it is run. */
export interface TriedCommand {
  /** The program and its first arguments. */
  command: readonly [string, ...string[]];
  /** An empty folder that it runs in and may write to. */
  folder: string;
  env: Readonly<Record<string, string>>;
  /** The user that it runs as; by default the user of this process. */
  uid?: number;
  gid?: number;
}

interface Ready {
  url: string;
  keys?: { test: { secret: string } };
}

const SECRET = "whsec_carabinerForLocalTesting";
const LOOPBACK = "127.0.0.0/8";

/**
 * Tests `dev`: an SDK creates an account, and its events arrive, signed. Throws when something is wrong.
 */
export async function tryDev(tried: TriedCommand): Promise<void> {
  await using receiver = await receive(SECRET);
  await using server = await start(tried, ["dev", "--json", "--port", "0", "--forward-connect-to", receiver.url]);
  const secret = server.ready.keys?.test.secret;
  if (secret === undefined) throw new Error("dev names no key");
  await connectAccount(server.ready.url, secret, receiver);
}

/**
 * Tests `serve`: a platform is created, the sender's thread sends to an endpoint, a backup is made while the server
 * runs, and the probes and the dashboard answer. Throws when something is wrong.
 */
export async function tryServe(tried: TriedCommand, { page }: { page: boolean }): Promise<void> {
  const data = join(tried.folder, "data");
  const created = await runCommand(tried, ["platforms", "create", "--name", "Acme", "--data", data, "--json"]);
  const { keys } = JSON.parse(created) as { keys: { test: { secret: string } } };
  const args = ["serve", "--data", data, "--port", "0", "--allow-network", LOOPBACK, "--json", "--log-level", "warn"];
  {
    await using server = await start(tried, args);
    for (const path of ["/livez", "/readyz", ...(page ? ["/dashboard/"] : [])]) {
      const { status } = await fetch(server.ready.url + path);
      if (status !== 200) throw new Error(`${path} answers ${status}`);
    }
    await tryEndpoint(server.ready.url, keys.test.secret);
    const backup = join(tried.folder, "backup.db");
    await runCommand(tried, ["backup", "--data", data, "--to", backup]);
    if (!existsSync(backup) || statSync(backup).size === 0) throw new Error("backup wrote nothing");
  }
  // A second server finds what the first one stored.
  await using again = await start(tried, args);
  const { data: endpoints } = await sdkOf(again.ready.url, keys.test.secret).webhookEndpoints.list();
  if (endpoints.length !== 1) throw new Error(`After a restart there are ${endpoints.length} endpoints.`);
}

/** Tests an endpoint of a server that may send to this machine: the events of a connected account arrive, signed. */
export async function tryEndpoint(url: string, key: string): Promise<void> {
  await using receiver = await receive(null);
  const { secret } = await sdkOf(url, key).webhookEndpoints.create({ url: receiver.url, connect: true, enabled_events: ["*"] });
  receiver.secret = secret ?? null;
  await connectAccount(url, key, receiver);
}

/** Runs the command to its end. Resolves with what it printed. Throws an error with its error output when it fails. */
async function runCommand({ command: [program, ...first], folder, ...rest }: TriedCommand, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, [...first, ...args], { ...rest, cwd: folder });
  return stdout;
}

/** Starts a server, and waits for the line that says that it is ready. Disposing of it stops it. */
export async function start(tried: TriedCommand, args: readonly string[]) {
  const { command, folder, ...rest } = tried;
  const [program, ...first] = command;
  const child = spawn(program, [...first, ...args], { ...rest, cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let complaint = "";
  child.stderr.on("data", (chunk) => (complaint += chunk));
  const line = await Promise.race([once(createInterface({ input: child.stdout }), "line"), once(child, "exit").then(() => null)]);
  if (line === null) throw new Error(`${program} ${args.join(" ")} ended before it was ready:\n${complaint}`);
  return {
    ready: JSON.parse(line[0] as string) as Ready,
    [Symbol.asyncDispose]: () => stop(child, () => complaint),
  };
}

async function stop(child: ChildProcess, complaint: () => string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exit = once(child, "exit");
    child.kill("SIGTERM");
    await exit;
  }
  const code = child.exitCode;
  if (code !== 0) throw new Error(`It ended with ${code}:\n${complaint()}`);
}

function sdkOf(url: string, key: string): Stripe {
  const { hostname, port } = new URL(url);
  return new Stripe(key, { host: hostname, port, protocol: "http", telemetry: false, maxNetworkRetries: 0 });
}

/** Creates a connected account and changes it, and waits for both events. */
async function connectAccount(url: string, key: string, receiver: { next(): Promise<Stripe.Event> }): Promise<void> {
  const stripe = sdkOf(url, key);
  const account = await stripe.accounts.create({ type: "express", country: "US" });
  const first = await receiver.next();
  await stripe.accounts.update(account.id, { metadata: { plan: "gold" } });
  const second = await receiver.next();
  const got = [first, second].map((event) => `${event.type} of ${event.account}`).join(", ");
  const wanted = `account.application.authorized of ${account.id}, account.updated of ${account.id}`;
  if (got !== wanted) throw new Error(`Received ${got} in place of ${wanted}`);
}

/** A receiver of webhooks that verifies them with the official SDK. */
async function receive(secret: string | null) {
  const events: Stripe.Event[] = [];
  const faults: unknown[] = [];
  let wake = (): void => undefined;
  const receiver = {
    secret,
    url: "",
    async next(): Promise<Stripe.Event> {
      while (events.length === 0 && faults.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      if (faults.length > 0) throw faults[0];
      return events.shift() as Stripe.Event;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      try {
        const signature = String(request.headers["stripe-signature"]);
        events.push(Stripe.webhooks.constructEvent(Buffer.concat(chunks), signature, String(receiver.secret)));
      } catch (error) {
        faults.push(error);
      }
      response.writeHead(200).end();
      wake();
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhook`;
  return receiver;
}
