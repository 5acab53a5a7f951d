import { api, take } from "./api";

interface Init {
  params?: { path?: Record<string, string>; query?: Record<string, string | number> };
  body?: object;
}

/** One request to an address whose shapes are written by hand (recordings and follow-ups), not generated. */
export function call<Data>(method: "GET" | "POST", url: string, init: Init = {}): Promise<Data> {
  const loose = api[method] as unknown as (url: string, init: Init) => Promise<{ data?: Data; error?: unknown; response: Response }>;
  return take(loose(url, init));
}
