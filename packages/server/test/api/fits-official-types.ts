import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { objectClassOf } from "@carabiner/protocol";
import type Stripe from "stripe";

/** The classes of the official package by the `object` values of answers. */
const CLASSES: Readonly<Record<string, string>> = {
  balance_transaction: "BalanceTransaction",
  card: "Card",
  charge: "Charge",
  customer: "Customer | Stripe.DeletedCustomer",
  dispute: "Dispute",
  payment_intent: "PaymentIntent",
  payment_method: "PaymentMethod",
  refund: "Refund",
  setup_attempt: "SetupAttempt",
  setup_intent: "SetupIntent",
};

type Answered = Readonly<Record<string, unknown>> & { object: string };

/** Where the compiler's program and the `stripe` package are, whatever the working directory is. */
const MODULES = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "..");

/**
 * Compares answers and events, as they came, with the official package's types: each is written down as a literal, and the
 * compiler says which has a field too few, too many, or of another type. Returns what it says; nothing when all fit.
 */
export async function misfits(answers: readonly Answered[], events: readonly Stripe.Event[]): Promise<string> {
  const rows = answers.flatMap((answer) => (answer.object === "list" ? (answer.data as Answered[]) : [answer]));
  const literals = [
    ...rows.map((row) => [CLASSES[row.object] ?? `Unknown_${row.object}`, row] as const),
    ...events.map(({ type, data }) => [objectClassOf(type as Parameters<typeof objectClassOf>[0]), data.object] as const),
  ];
  const lines = literals.map(([type, row], at) => `const literal${at}: Stripe.${type} = ${JSON.stringify(row)};`);
  const cache = join(MODULES, ".cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "carabiner-types-"));
  const file = join(folder, "literals.ts");
  try {
    writeFileSync(file, `import type Stripe from "stripe";\n${lines.join("\n")}\nexport {};\n`);
    const options = [
      "--ignoreConfig",
      "--noEmit",
      "--strict",
      "--skipLibCheck",
      "--module",
      "nodenext",
      "--target",
      "es2024",
      "--types",
      "node",
    ];
    return await new Promise((resolve, reject) => {
      execFile(join(MODULES, ".bin", "tsc"), [...options, file], { cwd: folder, maxBuffer: 10_000_000 }, (error, stdout) => {
        if (error !== null && stdout === "") reject(error);
        else resolve(stdout);
      });
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
