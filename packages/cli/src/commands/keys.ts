import { PERMISSIONS, type Permission, permissionNamed } from "@carabiner/protocol";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { List } from "../api/api-client.ts";
import { askOperator, type OperatorClient } from "../api/ask-operator.ts";
import { printOperatorList } from "../api/operator-list.ts";
import { platformAsked } from "../api/platform-asked.ts";
import { CommandFailure } from "../command-failure.ts";
import { suggestion } from "../did-you-mean.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { type OperatorOptions, operatedPlace, withOperatorOptions } from "../options/operator-options.ts";
import { jsonOption, printAnswer } from "../options/server-options.ts";
import { parseDuration } from "../output/duration.ts";
import { printable } from "../output/printable.ts";
import { formatFields } from "../output/table.ts";
import type { Terminal } from "../output/terminal.ts";
import { formatTimestamp } from "../output/timestamp.ts";

interface KeyAnswer {
  id: string;
  created: number;
  expires_at: number | null;
  hint: string;
  last_used: number | null;
  livemode: boolean;
  status: "active" | "expiring" | "expired";
  type: "secret" | "publishable" | "restricted";
  /** Null unless it is restricted. */
  permissions: string[] | null;
  connect_permissions: string[] | null;
  secret?: string;
  replaces?: { id: string; expires_at: number; hint: string };
}

interface KeysOptions extends OperatorOptions {
  platform?: string;
  live?: true;
  json?: true;
}

interface NewKeyOptions {
  type?: string;
  permissions?: string[];
  connectPermissions?: string[];
  expiresIn?: number;
}

const KEY_TYPES = ["secret", "publishable", "restricted"];

/** Adds `carabiner keys`. */
export function registerKeys(program: Command, terminal: Terminal): void {
  const keys = program.command("keys").description("manage a platform's API keys, while the server runs or not");
  const { out, err } = terminal.colours;

  withKeysOptions(keys.command("list").description("list a platform's keys, newest first, including expired ones"), "only live mode")
    .addHelpText("after", "\nExample:\n  carabiner keys list --platform acct_1Q0aB2cD3eF4gH --data /var/lib/carabiner\n")
    .action((options: KeysOptions) =>
      asking(options, terminal, async (client, path) => {
        const may = { head: "PERMISSIONS", cell: (key: KeyAnswer) => printable(permissionsOf(key)) };
        const answer = await client.get<List<KeyAnswer>>(`${path}${options.live === true ? "?livemode=true" : ""}`);
        printOperatorList(
          terminal,
          options,
          answer,
          [
            { head: "KEY", cell: ({ id }) => printable(id) },
            { head: "HINT", cell: ({ hint }) => printable(hint) },
            { head: "STATUS", cell: ({ status }) => printable(status) },
            { head: "CREATED (UTC)", cell: ({ created }) => formatTimestamp(created) },
            { head: "LAST USED (UTC)", cell: ({ last_used: at }) => formatTimestamp(at) },
            { head: "EXPIRES (UTC)", cell: ({ expires_at: at }) => formatTimestamp(at) },
            ...(answer.data.some(({ type }) => type === "restricted") ? [may] : []),
          ],
          `No keys${options.live === true ? " with --live" : ""}.`,
        );
      }),
    );

  withKeysOptions(keys.command("create").description("create a key; it is shown once"))
    .addOption(new Option("--type <type>", "which kind; restricted if it has permissions, otherwise secret").choices(KEY_TYPES))
    .addOption(
      new Option("--permissions <names>", "what a restricted key may do, with commas: charge_read,payout_write").argParser(
        parsePermissions,
      ),
    )
    .addOption(
      new Option("--connect-permissions <names>", "the same for connected accounts, with Stripe-Account").argParser(parsePermissions),
    )
    .addOption(new Option("--expires-in <time>", "when it expires, such as 90d; without it, never").argParser(parseTime))
    .addHelpText("after", "\nExample:\n  carabiner keys create --platform acct_1Q0aB2cD3eF4gH --live --data /var/lib/carabiner\n")
    .addHelpText(
      "after",
      "  carabiner keys create --platform acct_1Q0aB2cD3eF4gH --permissions charge_read,payout_write --data /var/lib/carabiner\n",
    )
    .action((options: KeysOptions & NewKeyOptions) =>
      asking(options, terminal, async (client, path) => {
        printMade(await client.post<KeyAnswer>(path, { ...modeOf(options), ...newKeyOf(options) }), options);
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
      asking(options, terminal, async (client, path) => {
        const id = named ?? (await onlySecretKey(client, path, options));
        const overlap = options.overlap === undefined ? {} : { overlap: options.overlap };
        printMade(await client.post<KeyAnswer>(`${path}/${encodeURIComponent(id)}/roll`, { ...modeOf(options), ...overlap }), options);
      }),
    );

  withKeysOptions(keys.command("revoke").description("revoke a key at once").argument("<key>", "its id, key_…"))
    .addHelpText("after", "\nExample:\n  carabiner keys revoke key_0a1b2c3d4e5f --platform acct_1Q0aB2cD3eF4gH --data /var/lib/carabiner\n")
    .action((id: string, options: KeysOptions) =>
      asking(options, terminal, async (client, path) => {
        const key = await client.post<KeyAnswer>(`${path}/${encodeURIComponent(id)}/revoke`, modeOf(options));
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
        [
          ["id", key.id],
          ["key", out.bold(key.secret ?? "")],
          ["expires (UTC)", formatTimestamp(key.expires_at)],
          ...(key.type === "restricted" ? [["permissions", permissionsOf(key)] as const] : []),
          ...old,
        ],
        out.dim,
      ),
    );
    terminal.tell(err.dim("The key is shown only this once: Carabiner stores its hash alone."));
  }
}

function withKeysOptions(command: Command, live = "live mode, instead of test mode"): Command {
  return withOperatorOptions(
    command.option("--platform <acct>", "whose; not needed when there is one platform").option("--live", live),
  ).addOption(jsonOption());
}

/** Makes calls on the keys of the named platform, or of the only one; `path` is the path of their list. */
function asking(options: KeysOptions, terminal: Terminal, work: (client: OperatorClient, path: string) => Promise<void>): Promise<void> {
  return askOperator(operatedPlace(options, terminal.env), terminal, async (client) => {
    const platform = await platformAsked(client, options.platform, "with --platform");
    await work(client, `/operator/platforms/${encodeURIComponent(platform)}/keys`);
  });
}

/** The parameters of a new key. Permissions make it a restricted one. */
function newKeyOf({ type, permissions, connectPermissions, expiresIn }: NewKeyOptions): object {
  const restricted = permissions !== undefined || connectPermissions !== undefined;
  return {
    type: type ?? (restricted ? "restricted" : "secret"),
    ...(permissions === undefined ? {} : { permissions }),
    ...(connectPermissions === undefined ? {} : { connect_permissions: connectPermissions }),
    ...(expiresIn === undefined ? {} : { expires_in: expiresIn }),
  };
}

/** What a restricted key may do; "-" for other keys, which may do everything. */
function permissionsOf({ permissions, connect_permissions: connect }: KeyAnswer): string {
  if (permissions == null || connect == null) return "-";
  const own = permissions.length === 0 ? [] : [permissions.join(", ")];
  return [...own, ...(connect.length === 0 ? [] : [`connected accounts: ${connect.join(", ")}`])].join("; ");
}

/** Permissions, separated by commas. */
function parsePermissions(text: string): Permission[] {
  return text.split(",").map((name) => {
    const permission = permissionNamed(name.trim());
    if (permission === null)
      throw new InvalidArgumentError(`"${name}" is not a permission. ${suggestion(name, PERMISSIONS, "docs/routes.md lists them.")}`);
    return permission;
  });
}

const modeOf = ({ live }: KeysOptions): { livemode: boolean } => ({ livemode: live === true });

/** The id of the mode's only active secret key. Throws a usage error when there are several. */
async function onlySecretKey(client: OperatorClient, path: string, options: KeysOptions): Promise<string> {
  const { livemode } = modeOf(options);
  const { data } = await client.get<List<KeyAnswer>>(`${path}?livemode=${livemode}`);
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
