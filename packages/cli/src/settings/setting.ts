/** A command that runs a server. */
export type ServerCommand = "dev" | "serve";

/**
 * Where a value comes from. Each takes precedence over those before it: a flag over the environment, the environment
 * over the configuration file.
 */
export type Source = "default" | "file" | "environment" | "flag";

/** One thing that a person can set about a server. */
export interface Setting {
  /** The option of `startCarabiner`; the part after a dot is inside it: `egress.proxy`. */
  option: string;
  /** The commands that have it. */
  commands: readonly ServerCommand[];
  /** The flag in commander's form: `--port <port>`; null for a setting that must not be on a command line. */
  flags: string | null;
  /**
   * The variable in the environment and in the configuration file; null when only a flag sets it. With `secret` there
   * is also one with the suffix `_FILE`, which names a file with the value.
   */
  variable: string | null;
  /** What it does, for `--help` and the documents. */
  does: string;
  /** Its value when nothing sets it. */
  default?: unknown;
  /** How the default is shown, if not unchanged. */
  shownDefault?: string;
  /** The only valid values. */
  choices?: readonly string[];
  /** It has several values: the flag is given again, or the values are separated by commas. */
  list?: true;
  /** Reads a value. Throws commander's `InvalidArgumentError`. Without it a text stays unchanged. */
  parse?: (text: string) => unknown;
  /** Reads the file that the flag names, for a value that must not be on a command line. */
  readFlag?: (file: string) => unknown;
  /** Whether the value is a secret, or a URL that may contain a password. */
  secret?: "value" | "password";
}
