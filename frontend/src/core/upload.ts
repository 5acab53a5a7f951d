import { isCoded, madeHere, RequestFailed } from "./errors";
import { csrfToken } from "./api";

export interface Upload<T> {
  done: Promise<T>;
  /** Stops it; `done` then rejects with the code `client.cancelled`. */
  cancel: () => void;
}

/** One upload with its progress, which fetch cannot tell. `progress` hears 0..1; 1 means that the server has every byte. */
export function upload<T>(url: string, form: FormData, progress: (part: number) => void): Upload<T> {
  const request = new XMLHttpRequest();
  const done = new Promise<T>((resolve, reject) => {
    request.upload.onprogress = (event) => progress(event.total ? event.loaded / event.total : 0);
    request.onload = () => {
      const answer = parse(request.responseText);
      if (request.status >= 200 && request.status < 300 && answer !== undefined) resolve(answer as T);
      else reject(isCoded(answer) ? new RequestFailed(answer, request.status) : madeHere("client.unreadable"));
    };
    request.onerror = () => reject(madeHere("client.offline"));
    request.onabort = () => reject(new RequestFailed({ code: "client.cancelled", message: null, retry: true }));
    request.open("POST", url);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", csrfToken());
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
