import { styleText } from "node:util";
import type { Arrival } from "./receiver.ts";

type Style = Parameters<typeof styleText>[0];

/** Tells the story on a terminal. */
export interface Narrator {
  /** A scene begins. */
  scene(title: string): void;
  /** What somebody does: a call of the API. */
  act(text: string): void;
  /** What comes of it. */
  fact(text: string): void;
  /** A webhook came in. */
  arrival(arrival: Arrival, account: string): void;
  /** Text as it is, such as a table. */
  block(text: string): void;
  /** Text in a style, on terminals that show it. */
  style(style: Style, text: string): string;
}

/** A narrator on a stream: in colour on a terminal, plain anywhere else and with NO_COLOR. */
export function createNarrator(stream: NodeJS.WriteStream): Narrator {
  const style = (format: Style, text: string): string => styleText(format, text, { stream });
  const line = (text: string): void => void stream.write(`${text}\n`);
  let scenes = 0;
  return {
    style,
    scene: (title) => line(`\n${style(["bold", "cyan"], `${++scenes}. ${title}`)}`),
    act: (text) => line(`   ${style("dim", "$")} ${text}`),
    fact: (text) => line(`     ${text}`),
    arrival({ path, status, event }, account) {
      const answer = status === 200 ? style("green", String(status)) : style("red", String(status));
      const mode = event.livemode ? style("yellow", "live") : "test";
      line(`   ${style("magenta", "←")} ${path.padEnd(9)} ${event.type.padEnd(34)} ${mode}  ${account.padEnd(9)} ${answer}`);
    },
    block: (text) => line(text.replaceAll(/^(?=.)/gm, "   ")),
  };
}
