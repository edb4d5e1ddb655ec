import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../../..");

/** Something the server said, and the type of the official `stripe` package that it should have. */
export interface Said {
  /** Inside the package's namespace: `Product`, `Checkout.Session`, `Customer | Stripe.DeletedCustomer`. */
  type: string;
  value: unknown;
}

/**
 * What the compiler has to say of answers and events, read as literals of the official types: keys that the types do
 * not have, keys that are missing, and values of another kind. Numbers that the package reads from text are text here,
 * as on the wire.
 */
export async function officialTypeErrors(said: readonly Said[]): Promise<string[]> {
  // Within the workspace, so that the package is found; below node_modules, so that nothing else looks at it.
  const cache = join(ROOT, "node_modules/.cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "official-types-"));
  try {
    const literals = said.map(({ type, value }, at) => `export const said${at}: OnTheWire<Stripe.${type}> = ${JSON.stringify(value)};`);
    const onTheWire = join(ROOT, "packages/server/src/operations/on-the-wire.ts");
    // The compiler knows a file by its own path, also where the package is linked to, as in a copy that is sabotaged.
    const charges = realpathSync(join(ROOT, "node_modules/stripe/esm/resources/Charges.js"));
    const imports = [
      `import type Stripe from "stripe";`,
      `import type { OnTheWire } from ${JSON.stringify(onTheWire)};`,
      // What Stripe sends with each charge and the package does not declare: see `ShownCharge`.
      `declare module ${JSON.stringify(charges)} {`,
      `  interface Charge { destination: string | null; dispute: string | null; order: null }`,
      "}",
    ];
    writeFileSync(join(folder, "said.ts"), [...imports, ...literals].join("\n"));
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ extends: join(ROOT, "tsconfig.json"), compilerOptions: { types: ["node"] }, include: ["said.ts"], exclude: [] }),
    );
    return await compile(join(folder, "tsconfig.json"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function compile(project: string): Promise<string[]> {
  return new Promise((resolve) => {
    execFile(join(ROOT, "node_modules/.bin/tsc"), ["--noEmit", "-p", project], (error, stdout, stderr) => {
      if (error === null) resolve([]);
      else resolve(`${stdout}${stderr}`.split("\n").filter((line) => line !== ""));
    });
  });
}
