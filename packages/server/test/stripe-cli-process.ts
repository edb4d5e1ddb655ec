import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { noteCommand } from "./stripe-cli-row-tests.ts";

const { resolve } = createRequire(createRequire(import.meta.url).resolve("@stripe/cli/package.json"));

/** The official CLI itself, and not the script that starts it: what is told to stop is to be what stops. */
const BINARY = join(
  dirname(resolve(`@stripe/cli-${process.platform}-${process.arch}/package.json`)),
  "bin",
  process.platform === "win32" ? "stripe.exe" : "stripe",
);

/** How long a command may take to say what a test waits for. */
const DEADLINE_MS = 20_000;

/** A command of the official CLI that runs until it is stopped. */
export interface StripeCliProcess {
  /** What it has printed so far, on stdout and on stderr. */
  out(): string;
  err(): string;
  /** Resolves once `holds` does of what it has printed. Rejects when it ends before, or takes too long. */
  until(holds: (printed: { out: string; err: string }) => boolean): Promise<void>;
  /** Resolves with its exit code when it ends by itself. */
  ended(): Promise<number | null>;
  /** Ends it as Ctrl+C does, and waits until it has ended. */
  stop(): Promise<void>;
}

/**
 * Starts the official CLI with arguments and environment of the test's own, which must be the test of a row unless
 * `ofNoRow` is set; nothing it does leaves this machine.
 */
export function startStripeCli(args: readonly string[], env: Readonly<Record<string, string>>, { ofNoRow = false } = {}): StripeCliProcess {
  noteCommand(args, { ofNoRow });
  const home = mkdtempSync(join(tmpdir(), "carabiner-stripe-cli-"));
  const child = spawn(BINARY, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      HOME: home,
      XDG_CONFIG_HOME: home,
      STRIPE_CLI_TELEMETRY_OPTOUT: "1",
      DO_NOT_TRACK: "1",
      STRIPE_DEVICE_NAME: "test-device",
      ...env,
    },
  });
  const exited = once(child, "close").then(([code]) => {
    rmSync(home, { recursive: true, force: true });
    return code as number | null;
  });
  const printed = { out: "", err: "" };
  let told = Promise.withResolvers<void>();
  const tell = (): void => {
    told.resolve();
    told = Promise.withResolvers();
  };
  child.stdout.on("data", (data) => {
    printed.out += String(data);
    tell();
  });
  child.stderr.on("data", (data) => {
    printed.err += String(data);
    tell();
  });
  return {
    out: () => printed.out,
    err: () => printed.err,
    async until(holds) {
      const tooLong = Promise.withResolvers<never>();
      const deadline = setTimeout(() => tooLong.reject(new Error(`It did not say so in time: ${JSON.stringify(printed)}`)), DEADLINE_MS);
      const early = exited.then(() => Promise.reject(new Error(`It ended: ${JSON.stringify(printed)}`)));
      early.catch(() => undefined);
      try {
        while (!holds(printed)) await Promise.race([told.promise, tooLong.promise, early]);
      } finally {
        clearTimeout(deadline);
      }
    },
    ended: () => exited,
    async stop() {
      child.kill("SIGINT");
      await exited;
    },
  };
}

/**
 * The environment with which the CLI speaks to a server over TCP, beside `--api-base`: its own look-ups fail at once.
 */
export function overTcp(key: string): Record<string, string> {
  return { STRIPE_API_KEY: key, HTTPS_PROXY: "http://127.0.0.1:9" };
}
