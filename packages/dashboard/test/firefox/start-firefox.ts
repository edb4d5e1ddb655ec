import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bidi, connectBidi } from "./bidi.ts";
import { type FirefoxPage, openFirefoxPage } from "./firefox-page.ts";

/** Debian's. Another one is named in the environment. */
const EXECUTABLE = process.env.CARABINER_FIREFOX ?? "/usr/bin/firefox-esr";

/** How long it may take to start, in milliseconds. */
const START_MS = 120_000;

/** What a profile needs to be quiet: no first run, no updates, no automatic requests. */
const PREFERENCES: Readonly<Record<string, boolean | number | string>> = {
  "app.update.auto": false,
  "browser.shell.checkDefaultBrowser": false,
  "browser.startup.page": 0,
  "datareporting.policy.dataSubmissionEnabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "remote.active-protocols": 1,
  "toolkit.telemetry.enabled": false,
  "ui.prefersReducedMotion": 1,
};

/** A Firefox without a window. */
export interface Firefox {
  /** What it calls itself. */
  version: string;
  /** Opens a separate window, in which nobody is signed in. */
  open(url: string): Promise<FirefoxPage>;
  close(): Promise<void>;
}

/** Starts Firefox with a profile that is removed afterwards. */
export async function startFirefox(): Promise<Firefox> {
  if (!existsSync(EXECUTABLE))
    throw new Error(
      `There is no Firefox at ${EXECUTABLE}. Install one with \`apt-get install firefox-esr\`, or say in CARABINER_FIREFOX where it is.`,
    );
  const profile = await mkdtemp(join(tmpdir(), "carabiner-firefox-"));
  const lines = Object.entries(PREFERENCES).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`);
  await writeFile(join(profile, "user.js"), lines.join("\n"));
  const child = spawn(EXECUTABLE, ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const close = async (): Promise<void> => {
    child.kill();
    await ended;
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const bidi = await connectBidi(`${await addressOf(child.stderr)}/session`);
    const { capabilities } = await bidi.send<{ capabilities: { browserName: string; browserVersion: string } }>("session.new", {
      capabilities: { alwaysMatch: { unhandledPromptBehavior: { default: "dismiss" } } },
    });
    await bidi.send("session.subscribe", {
      events: ["log.entryAdded", "network.beforeRequestSent", "browsingContext.userPromptOpened"],
    });
    return {
      version: `${capabilities.browserName} ${capabilities.browserVersion}`,
      open: (url) => openFirefoxPage(bidi, url),
      async close() {
        await endSession(bidi);
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Where it listens, according to its own output. */
function addressOf(output: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    const late = setTimeout(() => reject(new Error(`Firefox has not started after ${START_MS} ms: ${said}`)), START_MS);
    output.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      const address = /WebDriver BiDi listening on (ws:\/\/\S+)/.exec(said)?.[1];
      if (address === undefined) return;
      clearTimeout(late);
      resolve(address);
    });
    output.on("end", () => {
      clearTimeout(late);
      reject(new Error(`Firefox has ended: ${said}`));
    });
  });
}

async function endSession(bidi: Bidi): Promise<void> {
  await bidi.send("session.end", {});
  bidi.close();
}
