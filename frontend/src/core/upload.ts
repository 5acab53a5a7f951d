import { isCoded, madeHere, RequestFailed } from "./errors";
import { csrfToken } from "./api";

/** No byte moved for so long: the connection is dead, whatever the operating system still believes. */
const STALL_MS = 60_000;

export interface Upload<T> {
  done: Promise<T>;
  /** Stops it; `done` then rejects with the code `client.cancelled`. */
  cancel: () => void;
}

/** One upload with its progress, which fetch cannot tell. `progress` hears 0..1; 1 means that the server has every byte. */
export function upload<T>(url: string, form: FormData, progress: (part: number) => void): Upload<T> {
  const request = new XMLHttpRequest();
  let stalled = false;
  let stall: ReturnType<typeof setTimeout> | undefined;
  const alive = () => {
    clearTimeout(stall);
    stall = setTimeout(() => {
      stalled = true;
      request.abort();
    }, STALL_MS);
  };
  const done = new Promise<T>((resolve, reject) => {
    request.upload.onprogress = (event) => {
      alive();
      progress(event.total ? event.loaded / event.total : 0);
    };
    request.onload = () => {
      const answer = parse(request.responseText);
      if (request.status >= 200 && request.status < 300 && answer !== undefined) resolve(answer as T);
      else reject(isCoded(answer) ? new RequestFailed(answer, request.status) : madeHere("client.unreadable"));
    };
    request.onerror = () => reject(madeHere("client.offline"));
    request.onabort = () => reject(madeHere(stalled ? "client.timeout" : "client.cancelled"));
    request.onloadend = () => clearTimeout(stall);
    request.open("POST", url);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", csrfToken());
    alive();
    request.send(form);
  });
  return { done, cancel: () => request.abort() };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
