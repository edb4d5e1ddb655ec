import { vi } from "vitest";

/** The option that names a database, whose password goes to `PGPASSWORD`: arguments may not contain it. */
export function databaseOption(url: string): string[] {
  const named = new URL(url);
  vi.stubEnv("PGPASSWORD", decodeURIComponent(named.password));
  named.password = "";
  return ["--database", named.href];
}
