// @vitest-environment jsdom
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { api, take } from "./api";

interface Heard {
  method: string | undefined;
  url: string | undefined;
  csrf: string | string[] | undefined;
  body: string;
}

let server: Server;
let answer: (response: ServerResponse) => void;
let heard: Heard[];
const realFetch = globalThis.fetch;

/** A real server on loopback; addresses of the page's own origin are sent to it. */
beforeEach(async () => {
  heard = [];
  server = createServer((request: IncomingMessage, response) => {
    let body = "";
    request.on("data", (part: Buffer) => (body += part.toString()));
    request.on("end", () => {
      heard.push({ method: request.method, url: request.url, csrf: request.headers["x-csrftoken"], body });
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  globalThis.fetch = (url, init) => realFetch(origin + (url as string), init);
  document.cookie = "xinqiao_csrf=token-of-wang";
});

afterEach(async () => {
  vi.useRealTimers();
  globalThis.fetch = realFetch;
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const says = (status: number, content: unknown) => (response: ServerResponse) => {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(typeof content === "string" ? content : JSON.stringify(content));
};

describe("a request", () => {
  test("escapes what is put into its address and leaves out empty questions", async () => {
    answer = says(200, { events: [], upto: 0, head: 0 });
    await take(api.GET("/api/consultations/{consultation_id}/events", { params: { path: { consultation_id: "a/b?c" }, query: { before: 9, since: null } } }));
    expect(heard[0]).toMatchObject({ method: "GET", url: "/api/consultations/a%2Fb%3Fc/events?before=9", csrf: undefined });
  });

  test("that writes carries the token and a JSON body", async () => {
    answer = says(200, {});
    await take(api.POST("/api/session", { body: { login: "13800000071", password: "x" } }));
    expect(heard[0]).toMatchObject({ method: "POST", csrf: "token-of-wang", body: '{"login":"13800000071","password":"x"}' });
  });

  test("ends without data on 204", async () => {
    answer = (response) => response.writeHead(204).end();
    expect(await take(api.DELETE("/api/session"))).toBeUndefined();
  });

  test("throws the server's coded error with its status", async () => {
    answer = says(401, { code: "signed_out", message: { zh: "请先登录。", en: "Please sign in." }, retry: false });
    await expect(take(api.GET("/api/session"))).rejects.toMatchObject({ status: 401, coded: { code: "signed_out", message: { en: "Please sign in." } } });
  });

  test("never shows what a proxy has written", async () => {
    answer = says(502, "<html>Bad gateway</html>");
    await expect(take(api.GET("/api/session"))).rejects.toMatchObject({ coded: { code: "client.unreadable", message: null, retry: true } });
  });

  test("says that there is no connection", async () => {
    answer = (response) => response.destroy();
    await expect(take(api.GET("/api/session"))).rejects.toMatchObject({ coded: { code: "client.offline", retry: true } });
  });

  test("is not waited for for ever when its answer stops in the middle", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    answer = (response) => response.writeHead(200, { "Content-Type": "application/json" }).write('{"person":');
    const reach = globalThis.fetch;
    const begun = new Promise<void>((resolve) => {
      globalThis.fetch = async (...asked) => {
        const response = await reach(...asked);
        setImmediate(resolve);
        return response;
      };
    });
    const asked = expect(take(api.GET("/api/session"))).rejects.toMatchObject({ coded: { code: "client.timeout", retry: true } });
    await begun;
    vi.advanceTimersByTime(30_000);
    await asked;
  });
});
