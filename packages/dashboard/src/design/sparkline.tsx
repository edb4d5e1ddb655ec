import type { ReactNode } from "react";

/** One bar of a sparkline. */
export interface Spark {
  good: number;
  bad: number;
}

const WIDTH = 96;
const HEIGHT = 18;

/**
 * Bars of equal width, the oldest first, with comparable heights. A faint line marks the place of a bar without height.
 * `label` says in words what they show.
 */
export function Sparkline({ bars, label }: { bars: readonly Spark[]; label: string }): ReactNode {
  const most = Math.max(1, ...bars.map(({ good, bad }) => good + bad));
  const step = WIDTH / bars.length;
  return (
    <svg className="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} role="img" aria-label={label}>
      {bars.map(({ good, bad }, index) => {
        const goodHeight = (good / most) * HEIGHT;
        const badHeight = (bad / most) * HEIGHT;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place.
          <g key={index}>
            {good + bad === 0 && <rect className="none" x={index * step} y={HEIGHT - 1} width={step - 1} height={1} />}
            {good > 0 && <rect className="good" x={index * step} y={HEIGHT - goodHeight} width={step - 1} height={goodHeight} />}
            {bad > 0 && <rect className="bad" x={index * step} y={HEIGHT - goodHeight - badHeight} width={step - 1} height={badHeight} />}
          </g>
        );
      })}
    </svg>
  );
}
