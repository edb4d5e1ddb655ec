import { type ReactNode, useEffect, useState } from "react";

/** An exact time, and where on the screen the relative one stands, in pixels. */
interface Shown {
  text: string;
  place: { top: number } & ({ left: number } | { right: number });
}

/** Height of an exact time with the gap to the relative one, in pixels. */
const HEIGHT_PX = 28;

/**
 * Shows the exact times in the focused element, for users without a mouse to hover with: of a time itself, or of the
 * times in a link or a button. `Escape` hides them.
 */
export function ExactTimes(): ReactNode {
  const [shown, setShown] = useState<readonly Shown[]>([]);
  useEffect(() => {
    let frame = 0;
    let last = "";
    // Rows move when lists grow, and when what is opened makes them narrower: the time is followed while it is shown.
    const draw = (): void => {
      const times = timesIn(document.activeElement);
      const now = JSON.stringify(times);
      if (now !== last) setShown(times);
      last = now;
      if (times.length > 0) frame = requestAnimationFrame(draw);
    };
    const hide = (): void => {
      cancelAnimationFrame(frame);
      last = "";
      setShown([]);
    };
    const look = (): void => {
      hide();
      draw();
    };
    const onKey = ({ key }: KeyboardEvent): void => (key === "Escape" ? hide() : undefined);
    document.addEventListener("focusin", look);
    document.addEventListener("focusout", hide);
    document.addEventListener("keydown", onKey);
    return () => {
      cancelAnimationFrame(frame);
      document.removeEventListener("focusin", look);
      document.removeEventListener("focusout", hide);
      document.removeEventListener("keydown", onKey);
    };
  }, []);
  return shown.map(({ text, place }) => (
    // Screen readers read the title.
    <span key={Object.values(place).join(" ")} className="exact-time" aria-hidden="true" style={place}>
      {text}
    </span>
  ));
}

function timesIn(focused: Element | null): Shown[] {
  if (focused === null || !focused.matches("a:focus-visible, button:focus-visible, time:focus-visible")) return [];
  const times = focused.matches("time") ? [focused] : [...focused.querySelectorAll("time")];
  return times.flatMap((time) => {
    const text = time.getAttribute("data-exact");
    const { left, right, top, bottom, width } = time.getBoundingClientRect();
    if (text === null || width === 0) return [];
    const fitsBelow = bottom + HEIGHT_PX <= innerHeight;
    const beside = left < innerWidth / 2 ? { left } : { right: document.documentElement.clientWidth - right };
    return [{ text, place: { top: fitsBelow ? bottom + 4 : top - HEIGHT_PX, ...beside } }];
  });
}
