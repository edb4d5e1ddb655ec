import { Command, type Option } from "commander";

/** What commander has and does not declare. */
type Undeclared = Command & { missingMandatoryOptionValue(option: Option): never; unknownOption(flag: string): never };

/**
 * A command that tells of an unknown option before a required one that is missing: the first may be the second,
 * mistyped. Commander alone tells only of the missing one.
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
}
