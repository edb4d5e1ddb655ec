import { type Command, InvalidArgumentError, Option } from "commander";
import type { List } from "../api-client.ts";
import { CommandFailure } from "../command-failure.ts";
import { parseDuration } from "../duration.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { type OperatorClient, openOperatorClient } from "../open-operator-client.ts";
import { printable } from "../printable.ts";
import { jsonOption, printAnswer } from "../server-options.ts";
import { existing, type NamedStoreOptions, namedStore, withStoreOptions } from "../store-options.ts";
import { formatFields, formatTable } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { formatTimestamp } from "../timestamp.ts";

interface KeyAnswer {
  id: string;
  created: number;
  expires_at: number | null;
  hint: string;
  last_used: number | null;
  livemode: boolean;
  status: "active" | "expiring" | "expired";
  type: "secret" | "publishable";
  secret?: string;
  replaces?: { id: string; expires_at: number; hint: string };
}

interface KeysOptions extends NamedStoreOptions {
  platform: string;
  live?: true;
  json?: true;
}

/** Adds `carabiner keys`. */
export function registerKeys(program: Command, terminal: Terminal): void {
  const keys = program.command("keys").description("manage a platform's API keys, while the server runs or not");
  const { out, err } = terminal.colours;

  withKeysOptions(keys.command("list").description("list a platform's keys, newest first, including expired ones"), "only live mode")
    .addHelpText("after", "\nExample:\n  carabiner keys list --platform acct_1Q0aB2cD3eF4gH --data /var/lib/carabiner\n")
    .action((options: KeysOptions) =>
      asking(options, terminal, async (client) => {
        const answer = await client.get<List<KeyAnswer>>(`${keysPath(options)}${options.live === true ? "?livemode=true" : ""}`);
        printAnswer(terminal, options, answer, () =>
          formatTable(
            [
              { head: "KEY", cell: ({ id }) => printable(id) },
              { head: "HINT", cell: ({ hint }) => printable(hint) },
              { head: "STATUS", cell: ({ status }) => printable(status) },
              { head: "CREATED (UTC)", cell: ({ created }) => formatTimestamp(created) },
              { head: "LAST USED (UTC)", cell: ({ last_used: at }) => formatTimestamp(at) },
              { head: "EXPIRES (UTC)", cell: ({ expires_at: at }) => formatTimestamp(at) },
            ],
            answer.data,
            { width: null, head: out.dim },
          ),
        );
      }),
    );

  withKeysOptions(keys.command("create").description("create a key; it is shown once"))
    .addOption(new Option("--type <type>", "which kind").choices(["secret", "publishable"]).default("secret"))
    .addOption(new Option("--expires-in <time>", "when it expires, such as 90d; without it, never").argParser(parseTime))
    .addHelpText("after", "\nExample:\n  carabiner keys create --platform acct_1Q0aB2cD3eF4gH --live --data /var/lib/carabiner\n")
    .action((options: KeysOptions & { type: string; expiresIn?: number }) =>
      asking(options, terminal, async (client) => {
        const { type, expiresIn } = options;
        const expiry = expiresIn === undefined ? {} : { expires_in: expiresIn };
        printMade(await client.post<KeyAnswer>(keysPath(options), { ...modeOf(options), type, ...expiry }), options);
      }),
    );

  withKeysOptions(
    keys
      .command("roll")
      .description("replace a key with a new one; the old key expires at once, or after an overlap")
      .argument("[key]", "its id, key_…; not needed when the mode has one secret key"),
  )
    .addOption(new Option("--overlap <time>", "how long the old key stays valid, such as 24h; at most 7d").argParser(parseTime))
    .addHelpText(
      "after",
      "\nExample:\n  carabiner keys roll --platform acct_1Q0aB2cD3eF4gH --live --overlap 24h --data /var/lib/carabiner\n",
    )
    .action((named: string | undefined, options: KeysOptions & { overlap?: number }) =>
      asking(options, terminal, async (client) => {
        const id = named ?? (await onlySecretKey(client, options));
        const overlap = options.overlap === undefined ? {} : { overlap: options.overlap };
        const path = `${keysPath(options)}/${encodeURIComponent(id)}/roll`;
        printMade(await client.post<KeyAnswer>(path, { ...modeOf(options), ...overlap }), options);
      }),
    );

  withKeysOptions(keys.command("revoke").description("revoke a key at once").argument("<key>", "its id, key_…"))
    .addHelpText("after", "\nExample:\n  carabiner keys revoke key_0a1b2c3d4e5f --platform acct_1Q0aB2cD3eF4gH --data /var/lib/carabiner\n")
    .action((id: string, options: KeysOptions) =>
      asking(options, terminal, async (client) => {
        const key = await client.post<KeyAnswer>(`${keysPath(options)}/${encodeURIComponent(id)}/revoke`, modeOf(options));
        printAnswer(terminal, options, key, () => `${printable(key.hint)} expired at ${formatTimestamp(key.expires_at)} UTC`);
      }),
    );

  function printMade(key: KeyAnswer, options: KeysOptions): void {
    const old =
      key.replaces === undefined
        ? []
        : [["old key expires (UTC)", `${formatTimestamp(key.replaces.expires_at)}  ${key.replaces.hint}`] as const];
    printAnswer(terminal, options, key, () =>
      formatFields(
        [["id", key.id], ["key", out.bold(key.secret ?? "")], ["expires (UTC)", formatTimestamp(key.expires_at)], ...old],
        out.dim,
      ),
    );
    terminal.tell(err.dim("The key is shown only this once: Carabiner stores its hash alone."));
  }
}

function withKeysOptions(command: Command, live = "live mode, instead of test mode"): Command {
  return withStoreOptions(command.requiredOption("--platform <acct>", "whose").option("--live", live)).addOption(jsonOption());
}

async function asking(options: KeysOptions, terminal: Terminal, work: (client: OperatorClient) => Promise<void>): Promise<void> {
  const client = await openOperatorClient(existing(namedStore(options, terminal.env)));
  try {
    await work(client);
  } finally {
    await client.close();
  }
}

const keysPath = ({ platform }: KeysOptions): string => `/operator/platforms/${encodeURIComponent(platform)}/keys`;

const modeOf = ({ live }: KeysOptions): { livemode: boolean } => ({ livemode: live === true });

/** The id of the mode's only active secret key. Throws a usage error when there are several. */
async function onlySecretKey(client: OperatorClient, options: KeysOptions): Promise<string> {
  const { livemode } = modeOf(options);
  const { data } = await client.get<List<KeyAnswer>>(`${keysPath(options)}?livemode=${livemode}`);
  const found = data.filter(({ type, status }) => type === "secret" && status === "active");
  const [key] = found;
  const mode = livemode ? "live" : "test";
  if (key === undefined)
    throw new CommandFailure(`There is no active secret key in ${mode} mode.`, {
      advice: "Create one: carabiner keys create",
      exitCode: EXIT_CODES.notFound,
    });
  if (found.length > 1)
    throw new CommandFailure(`There are ${found.length} active secret keys in ${mode} mode. Name the one to roll.`, {
      details: found.map(({ id, hint }) => `${printable(id)}  ${printable(hint)}`),
      exitCode: EXIT_CODES.usage,
    });
  return key.id;
}

function parseTime(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === null) throw new InvalidArgumentError("It must be a time such as 24h, 7d or 90s.");
  return seconds;
}
