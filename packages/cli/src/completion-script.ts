import { EVENT_TYPES } from "@carabiner/protocol";
import type { Command } from "commander";
import { SHELLS, type Shell } from "./shells.ts";

/** What can follow the words of a command, or one of its options. */
interface Follows {
  /** `events list`, or `deliveries list --state`; empty for the program itself. */
  after: string;
  words: readonly string[];
}

/** A script that completes commands, options, their choices and event types, made from the command definitions. */
export function completionScript(program: Command, shell: Shell): string {
  const table = tableOf(program, "");
  if (shell === "fish") return fishScript(table);
  return shell === "bash" ? bashScript(table) : zshScript(table);
}

function tableOf(command: Command, path: string): Follows[] {
  const options = command.options.filter((option) => option.long !== undefined);
  const words = [
    ...command.commands.map((inner) => inner.name()),
    ...(path === "trigger" ? EVENT_TYPES : []),
    ...(path === "completion" ? SHELLS : []),
    ...options.map((option) => option.long as string),
    "--help",
  ];
  const inner = command.commands.flatMap((one) => tableOf(one, `${path} ${one.name()}`.trim()));
  const choices = options.flatMap(({ long, argChoices }) =>
    argChoices === undefined ? [] : [{ after: `${path} ${long}`.trim(), words: argChoices }],
  );
  return [{ after: path, words }, ...choices, ...inner];
}

/** For bash and zsh: what can follow, and the command before the cursor. */
function shellFunctions(table: readonly Follows[]): string {
  const cases = table.map(({ after, words }) => `    "${after}") echo "${words.join(" ")}" ;;`);
  return `_carabiner_words() {
  case "$1" in
${cases.join("\n")}
  esac
}

_carabiner_path() {
  local path="" word
  for word in "$@"; do
    case "$word" in -*) continue ;; esac
    case " $(_carabiner_words "$path") " in *" $word "*) ;; *) continue ;; esac
    local next="\${path:+$path }$word"
    [ -n "$(_carabiner_words "$next")" ] && path="$next"
  done
  echo "$path"
}
`;
}

function bashScript(table: readonly Follows[]): string {
  return `# Completions of carabiner for bash: eval "$(carabiner completion bash)"
${shellFunctions(table)}
_carabiner() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" path words
  path="$(_carabiner_path "\${COMP_WORDS[@]:1:COMP_CWORD-1}")"
  words="$(_carabiner_words "\${path:+$path }$previous")"
  case "$previous" in -*) ;; *) words="" ;; esac
  [ -n "$words" ] || words="$(_carabiner_words "$path")"
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _carabiner carabiner`;
}

function zshScript(table: readonly Follows[]): string {
  return `#compdef carabiner
# Completions of carabiner for zsh: eval "$(carabiner completion zsh)", or as _carabiner in a folder of $fpath
${shellFunctions(table)}
_carabiner() {
  local previous="\${words[CURRENT-1]}" path_ found
  path_="$(_carabiner_path "\${(@)words[2,CURRENT-1]}")"
  found=""
  case "$previous" in -*) found="$(_carabiner_words "\${path_:+$path_ }$previous")" ;; esac
  [ -n "$found" ] || found="$(_carabiner_words "$path_")"
  compadd -- \${=found}
}
if [ "$funcstack[1]" = "_carabiner" ]; then
  _carabiner
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
  compdef _carabiner carabiner
fi`;
}

function fishScript(table: readonly Follows[]): string {
  const cases = table.map(({ after, words }) => `    case '${after}'\n      printf '%s\\n' ${words.join(" ")}`);
  return `# Completions of carabiner for fish: carabiner completion fish | source
function __carabiner_words
  switch "$argv[1]"
${cases.join("\n")}
  end
end

function __carabiner_complete
  set -l typed (commandline -opc)
  set -l path ''
  for word in $typed[2..-1]
    string match -q -- '-*' $word; and continue
    contains -- $word (__carabiner_words "$path"); or continue
    set -l next (string trim -- "$path $word")
    test -n "$(__carabiner_words "$next")"; and set path $next
  end
  set -l previous $typed[-1]
  set -l found (string match -q -- '-*' $previous; and __carabiner_words (string trim -- "$path $previous"))
  test -n "$found"; or set found (__carabiner_words "$path")
  printf '%s\\n' $found
end

complete -c carabiner -f -a '(__carabiner_complete)'`;
}
