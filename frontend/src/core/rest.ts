import { isCoded, madeHere, RequestFailed } from "./errors";

const TIMEOUT_MS = 30_000;
const WRITING = new Set(["POST", "PUT", "PATCH", "DELETE"]);

type Query = Record<string, string | number | boolean | null | undefined>;

interface Options {
  query?: Query;
  /** A plain object goes as JSON, a FormData as it is. */
  body?: object | FormData;
  signal?: AbortSignal;
}

/** The address of a resource with every value escaped: path`/api/recordings/${id}/audio`. */
export function path(parts: TemplateStringsArray, ...values: (string | number)[]): string {
  return parts.reduce((all, part, i) => all + part + (i < values.length ? encodeURIComponent(String(values[i])) : ""), "");
}

export const rest = {
  get: <T>(url: string, options?: Options) => call<T>("GET", url, options),
  post: <T>(url: string, body: object | FormData = {}, options?: Options) => call<T>("POST", url, { ...options, body }),
  put: <T>(url: string, body: object, options?: Options) => call<T>("PUT", url, { ...options, body }),
  delete: <T>(url: string, options?: Options) => call<T>("DELETE", url, options),
};

/** One request with the session cookie. Throws RequestFailed, always with a coded error. */
async function call<T>(method: string, url: string, { query, body, signal }: Options = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (WRITING.has(method)) headers["X-CSRFToken"] = csrfToken();
  const form = body instanceof FormData;
  if (body && !form) headers["Content-Type"] = "application/json";
  const response = await reach(url + queryString(query), signal, !form, {
    method,
    headers,
    credentials: "same-origin",
    body: form ? body : body ? JSON.stringify(body) : null,
  });
  return read<T>(response);
}

/** Uploads may take as long as they take; everything else gives up after thirty seconds. */
async function reach(url: string, outer: AbortSignal | undefined, bounded: boolean, init: RequestInit): Promise<Response> {
  const controller = new AbortController();
  const cancel = () => controller.abort();
  outer?.addEventListener("abort", cancel);
  const timer = bounded ? setTimeout(cancel, TIMEOUT_MS) : undefined;
  try {
    return await fetch(url, { ...init, signal: controller.signal });
  } catch (error) {
    if (outer?.aborted) throw error;
    throw madeHere(controller.signal.aborted ? "client.timeout" : "client.offline");
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener("abort", cancel);
  }
}

async function read<T>(response: Response): Promise<T> {
  if (response.status === 204) return undefined as T;
  let content: unknown;
  try {
    content = await response.json();
  } catch {
    throw madeHere("client.unreadable");
  }
  if (response.ok) return content as T;
  if (isCoded(content)) throw new RequestFailed(content, response.status);
  throw madeHere("client.unreadable");
}

function queryString(query: Query | undefined): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== null && value !== undefined && value !== "") search.set(name, String(value));
  }
  return search.size ? `?${search.toString()}` : "";
}

function csrfToken(): string {
  return /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";
}
