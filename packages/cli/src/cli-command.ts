import { Command, type Option } from "commander";

/** Members of commander that its types do not declare. */
type Undeclared = Command & {
  missingMandatoryOptionValue(option: Option): never;
  unknownOption(flag: string): never;
  unknownCommand(): never;
  _findCommand(name: string): Command | undefined;
  _dispatchSubcommand(name: string, operands: string[], unknown: string[]): unknown;
};

/**
 * A command that reports an unknown option before a missing required one, because the former may be the latter,
 * mistyped. Commander alone reports only the missing one. Also, `help` of an unknown command names the command, where
 * commander alone prints the whole help.
 */
export class CliCommand extends Command {
  #unknown: readonly string[] = [];

  override createCommand(name?: string): Command {
    return new CliCommand(name);
  }

  override parseOptions(args: string[]): ReturnType<Command["parseOptions"]> {
    const parsed = super.parseOptions(args);
    this.#unknown = parsed.unknown;
    return parsed;
  }

  /** Called by commander. */
  missingMandatoryOptionValue(option: Option): never {
    const [first] = this.#unknown;
    if (first !== undefined) (this as unknown as Undeclared).unknownOption(first);
    return (Command.prototype as Undeclared).missingMandatoryOptionValue.call(this, option);
  }

  /**
   * Called by commander. What a group of commands does not take, one of its commands may: then it is shown where it
   * belongs.
   */
  unknownOption(flag: string): never {
    const [taker] = this.commands.filter((command) => command.options.some(({ long, short }) => long === flag || short === flag));
    if (taker === undefined) return (Command.prototype as Undeclared).unknownOption.call(this, flag);
    const path: string[] = [taker.name()];
    for (let at: Command | null = this; at !== null; at = at.parent) path.unshift(at.name());
    return this.error(`error: option '${flag}' goes after a command, as in: ${path.join(" ")} ${flag}`, {
      code: "commander.unknownOption",
    });
  }

  /** Called by commander: with a name that does not exist only for `help NAME`. */
  _dispatchSubcommand(name: string, operands: string[], unknown: string[]): unknown {
    const self = this as unknown as Undeclared;
    if (self._findCommand(name) === undefined) {
      // The name that commander does not know.
      this.args = [name];
      self.unknownCommand();
    }
    return (Command.prototype as Undeclared)._dispatchSubcommand.call(this, name, operands, unknown);
  }
}
