import type { Client } from "openapi-fetch";
import { isCoded, madeHere, RequestFailed } from "./errors";
import type { paths } from "./generated/api";

const TIMEOUT_MS = 30_000;

interface Init {
  params?: { path?: Record<string, string | number>; query?: Record<string, unknown> };
  body?: unknown;
  signal?: AbortSignal | null;
}

export interface Answer<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** The REST interface, typed by the server's own document. Use it through `take`:
 * `take(api.GET("/api/consultations/{consultation_id}", { params: { path: { consultation_id } } }))`.
 *
 * The types are openapi-fetch's; the few lines of its run time that this product needs are below, because a patient's
 * download is counted in kilobytes. */
export const api = {
  GET: method("GET"),
  POST: method("POST"),
  PUT: method("PUT"),
  DELETE: method("DELETE"),
} as unknown as Pick<Client<paths>, "GET" | "POST" | "PUT" | "DELETE">;

/** How staff pages confirm who is there when an act needs a second factor shown lately. Resolves to whether somebody did. */
export const confirming: { ask: (() => Promise<boolean>) | null } = { ask: null };

/** The data of an answer. Throws RequestFailed with a coded error for everything else. */
export async function take<Data>(asked: Promise<Answer<Data>>): Promise<Data> {
  const { data, error, response } = await asked;
  if (response.ok) return data as Data;
  if (isCoded(error)) throw new RequestFailed(error, response.status);
  throw madeHere("client.unreadable");
}

/** A POST outside the documented interface, for frames. Throws RequestFailed. */
export const post = (path: string, body: unknown): Promise<unknown> => take(method("POST")(path, { body }));

function method(name: string) {
  return async (template: string, init: Init = {}): Promise<Answer<unknown>> => {
    const answer = await once(name, template, init);
    const stale = answer.response.status === 403 && isCoded(answer.error) && answer.error.code === "factor.stale";
    return stale && (await confirming.ask?.()) ? once(name, template, init) : answer;
  };
}

async function once(name: string, template: string, { params = {}, body, signal }: Init): Promise<Answer<unknown>> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (name !== "GET") headers["X-CSRFToken"] = csrfToken();
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const url = address(template, params.path ?? {}) + queryString(params.query ?? {});
  const { response, content } = await reach(url, { method: name, headers, credentials: "same-origin", body: body === undefined ? null : JSON.stringify(body) }, signal);
  return response.ok ? { data: content, response } : { error: content, response };
}

function address(template: string, values: Record<string, string | number>): string {
  return template.replace(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(values[name] ?? ""));
}

function queryString(values: Record<string, unknown>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") search.set(name, String(value));
  }
  const text = search.toString();
  return text && `?${text}`;
}

/** An answer and its JSON, within one time limit: an answer may also stop in its middle. */
async function reach(url: string, init: RequestInit, outer: AbortSignal | null | undefined): Promise<{ response: Response; content: unknown }> {
  const controller = new AbortController();
  const cancel = () => controller.abort();
  outer?.addEventListener("abort", cancel);
  const timer = setTimeout(cancel, TIMEOUT_MS);
  try {
    const response = await fetch(url, { ...init, signal: controller.signal });
    return { response, content: response.status === 204 ? undefined : ((await response.json()) as unknown) };
  } catch (error) {
    if (outer?.aborted) throw error;
    const reason = error instanceof SyntaxError ? "client.unreadable" : "client.offline";
    throw madeHere(controller.signal.aborted ? "client.timeout" : reason);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener("abort", cancel);
  }
}

/** The token that every write carries; GET /api/session sets its cookie. */
export function csrfToken(): string {
  return /(?:^|;\s*)(?:__Host-)?xinqiao_csrf=([^;]+)/.exec(document.cookie)?.[1] ?? "";
}
