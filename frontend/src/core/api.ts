import createClient from "openapi-fetch";
import { isCoded, madeHere, RequestFailed } from "./errors";
import type { paths } from "./generated/api";

const TIMEOUT_MS = 30_000;
const READING = new Set(["GET", "HEAD"]);

/** The REST interface, typed by the server's own document. Use it through `take`:
 * `take(api.GET("/api/consultations/{consultation_id}", { params: { path: { consultation_id } } }))`. */
export const api = createClient<paths>({
  baseUrl: window.location.origin,
  credentials: "same-origin",
  fetch: bounded,
});

api.use({
  onRequest({ request }) {
    if (!READING.has(request.method)) request.headers.set("X-CSRFToken", csrfToken());
    return request;
  },
});

interface Answer<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** The data of an answer. Throws RequestFailed with a coded error for everything else. */
export async function take<Data>(asked: Promise<Answer<Data>>): Promise<Data> {
  let answer: Answer<Data>;
  try {
    answer = await asked;
  } catch (error) {
    // openapi-fetch parses the body itself; what is not JSON ends here.
    throw error instanceof SyntaxError ? madeHere("client.unreadable") : error;
  }
  if (answer.response.ok) return answer.data as Data;
  if (isCoded(answer.error)) throw new RequestFailed(answer.error, answer.response.status);
  throw madeHere("client.unreadable");
}

/** Uploads may take as long as they take; everything else gives up after thirty seconds. */
async function bounded(request: Request): Promise<Response> {
  const controller = new AbortController();
  const cancel = () => controller.abort();
  request.signal.addEventListener("abort", cancel);
  const upload = request.headers.get("Content-Type")?.startsWith("multipart/") ?? false;
  const timer = upload ? undefined : setTimeout(cancel, TIMEOUT_MS);
  try {
    return await fetch(request, { signal: controller.signal });
  } catch (error) {
    if (request.signal.aborted) throw error;
    throw madeHere(controller.signal.aborted ? "client.timeout" : "client.offline");
  } finally {
    clearTimeout(timer);
    request.signal.removeEventListener("abort", cancel);
  }
}

/** The token that every write carries; GET /api/session sets its cookie. */
export function csrfToken(): string {
  return /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";
}
