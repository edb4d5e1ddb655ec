/** Time after which the page counts as unused, in milliseconds. */
const IDLE_MS = 60_000;

let touchedAt = Date.now();

/** Notes when a user uses the page. Called once. */
export function watchTouches(): void {
  for (const event of ["pointerdown", "keydown", "wheel"])
    document.addEventListener(event, () => (touchedAt = Date.now()), { passive: true });
}

/** Whether the page makes its requests automatically: such requests do not extend the session. */
export const isUntouched = (): boolean => Date.now() - touchedAt > IDLE_MS;
