import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

type Tokens = Record<string, string>;

const css = readFileSync(`${import.meta.dirname}/tokens.css`, "utf8");

function block(selector: string): Tokens {
  const start = css.indexOf(`${selector} {`);
  if (start < 0) throw new Error(`no block ${selector}`);
  const body = css.slice(start, css.indexOf("}", start));
  return Object.fromEntries([...body.matchAll(/--([\w-]+): ([^;]+);/g)].map((m) => [m[1]!, m[2]!]));
}

const light = block(":root");
const dark = { ...light, ...block(':root[data-theme="dark"]') };
const elderLight = { ...light, ...block(':root[data-mode="elder"]') };
const elderDark = { ...dark, ...block(':root[data-mode="elder"]'), ...block(':root[data-mode="elder"][data-theme="dark"]') };

/** WCAG 2.x relative luminance of "#rrggbb". */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(tokens: Tokens, a: string, b: string): number {
  const [hi, lo] = [luminance(tokens[a]!), luminance(tokens[b]!)].sort((x, y) => y - x) as [number, number];
  return (hi + 0.05) / (lo + 0.05);
}

/** Pairs of tokens: foreground, background, threshold, and the ratios that light and dark had when they were chosen. */
const PAIRS: [string, string, number, number, number][] = [
  ["text", "bg", 4.5, 15.09, 16.33],
  ["text", "surface", 4.5, 16.52, 14.51],
  ["text", "surface-2", 4.5, 14.13, 12.04],
  ["text-2", "surface", 4.5, 7.93, 9.18],
  ["text-2", "bg", 4.5, 7.24, 10.33],
  ["text-2", "surface-2", 4.5, 6.78, 7.62],
  ["text-3", "surface", 4.5, 5.66, 6.84],
  ["text-3", "bg", 4.5, 5.17, 7.7],
  ["text-3", "surface-2", 4.5, 4.85, 5.68],
  ["control", "surface", 3, 4.13, 4.76],
  ["control", "bg", 3, 3.77, 5.36],
  ["brand", "surface", 4.5, 6.39, 8.35],
  ["brand", "bg", 4.5, 5.84, 9.4],
  ["on-brand", "brand", 4.5, 6.39, 8.54],
  ["on-brand", "brand-hover", 4.5, 8.82, 10.48],
  ["text", "brand-soft", 4.5, 14.07, 10.92],
  ["brand", "brand-soft", 4.5, 5.44, 6.29],
  ["link", "surface", 4.5, 7.1, 8.93],
  ["link", "bg", 4.5, 6.48, 10.05],
  ["link", "bubble-self", 4.5, 5.62, 5.49],
  ["link", "bubble-other", 4.5, 7.1, 7.41],
  ["text", "bubble-self", 4.5, 13.08, 8.92],
  ["text-2", "bubble-self", 4.5, 6.28, 5.64],
  ["text", "bubble-other", 4.5, 16.52, 12.04],
  ["text-2", "bubble-other", 4.5, 7.93, 7.62],
  ["text-2", "bubble-system", 4.5, 6.47, 8.25],
  ["note-text", "note-bg", 4.5, 10.05, 10.38],
  ["info", "info-bg", 4.5, 6.08, 7.36],
  ["ok", "ok-bg", 4.5, 5.67, 7.65],
  ["warn", "warn-bg", 4.5, 6.62, 8.66],
  ["danger", "danger-bg", 4.5, 5.77, 7.39],
  ["danger", "surface", 4.5, 6.83, 8.04],
  ["danger", "bubble-self", 4.5, 5.4, 4.94],
  ["ok", "surface", 4.5, 6.58, 9.4],
  ["warn", "surface", 4.5, 7.48, 10.43],
  ["on-emergency", "emergency", 4.5, 9.35, 6.83],
  ["on-badge", "badge", 4.5, 6.04, 4.63],
  ["badge", "surface", 3, 6.04, 3.54],
  ["focus-ink", "focus", 4.5, 11.51, 11.51],
  ["brand", "bubble-self", 3, 5.06, 5.13],
  ["brand", "bubble-other", 3, 6.39, 6.93],
  ["ring", "surface", 3, 16.52, 11.41],
  ["ring", "bg", 3, 15.09, 12.84],
  ["t1-text", "t1-bg", 4.5, 9.35, 6.83],
  ["t2-text", "t2-bg", 4.5, 7.44, 8.26],
  ["t3-text", "t3-bg", 4.5, 6.08, 7.36],
  ["t4-text", "t4-bg", 4.5, 6.78, 7.62],
  ["series-1", "surface", 3, 6.39, 8.35],
  ["series-2", "surface", 3, 6.07, 9.11],
  ["series-3", "surface", 3, 7.72, 7.59],
  ["caption-text", "caption-bg", 4.5, 21, 21],
  ["highlight-text", "highlight-bg", 4.5, 12.91, 11.51],
];

describe("colour tokens", () => {
  test.each(PAIRS)("%s on %s reaches %d : 1 and is what the design computed", (fg, bg, least, inLight, inDark) => {
    expect(contrast(light, fg, bg)).toBeGreaterThanOrEqual(least);
    expect(contrast(dark, fg, bg)).toBeGreaterThanOrEqual(least);
    expect(contrast(light, fg, bg)).toBeCloseTo(inLight, 1);
    expect(contrast(dark, fg, bg)).toBeCloseTo(inDark, 1);
  });

  const text = PAIRS.filter(([, , least]) => least === 4.5);
  test.each(text)("Wang in elder mode reads %s on %s at 7 : 1 or more", (fg, bg) => {
    expect(contrast(elderLight, fg, bg)).toBeGreaterThanOrEqual(7);
    expect(contrast(elderDark, fg, bg)).toBeGreaterThanOrEqual(7);
  });

  test("the system's dark theme and the chosen dark theme are the same list", () => {
    expect(block('  :root:not([data-theme="light"])')).toEqual(block(':root[data-theme="dark"]'));
    expect(block('  :root[data-mode="elder"]:not([data-theme="light"])')).toEqual(
      block(':root[data-mode="elder"][data-theme="dark"]'),
    );
  });
});
