import type { CodedError } from "./protocol";

/** A request that did not succeed, with the server's coded error or one of the codes made here:
 * `client.offline`, `client.timeout`, `client.unreadable`, `client.cancelled`, `client.storage`. */
export class RequestFailed extends Error {
  readonly coded: CodedError;
  /** HTTP status, or 0 when there was no HTTP answer. */
  readonly status: number;

  constructor(coded: CodedError, status = 0) {
    super(coded.code);
    this.name = "RequestFailed";
    this.coded = coded;
    this.status = status;
  }
}

export function madeHere(code: "client.offline" | "client.timeout" | "client.unreadable" | "client.cancelled" | "client.storage"): RequestFailed {
  return new RequestFailed({ code, message: null, retry: true });
}

/** Any thrown value as a coded error, so that a page can always say what happened and whether to try again. */
export function codedFrom(error: unknown): CodedError {
  if (error instanceof RequestFailed) return error.coded;
  return { code: "client.unexpected", message: null, retry: true };
}

export function isCoded(value: unknown): value is CodedError {
  return typeof value === "object" && value !== null && "code" in value && "message" in value;
}
