/** In whose settings a refused device is allowed again. */
export type BrowserKind = "wechat" | "ios" | "android" | "firefox" | "safari" | "desktop";

const SIGNS: readonly (readonly [BrowserKind, RegExp])[] = [
  ["wechat", /MicroMessenger/i],
  ["ios", /iPhone|iPad|iPod/i],
  ["android", /Android/i],
  ["firefox", /Firefox/i],
  ["safari", /^((?!Chrom).)*Safari/i],
];

export const browserKind = (agent: string = navigator.userAgent): BrowserKind => SIGNS.find(([, sign]) => sign.test(agent))?.[0] ?? "desktop";
