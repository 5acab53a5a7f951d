/** The service worker: keeps the files of the product, and nothing else. What the server answers about people is never stored here;
 * what a patient may see without a network is the page's own business (core/snapshots.ts).
 *
 * Each build has its own cache, filled whole before it is used, so that a page never mixes two versions. A new version is used once no
 * page of the old one is open. */

/** Written here by the build (scripts/precache.ts). */
interface Build {
  version: string;
  /** What every start needs. */
  shell: string[];
  /** What each kind of user needs beside it, kept when one of them has been here. */
  surfaces: Record<string, string[]>;
}

interface LifeEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface AskEvent extends Event {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}

interface TapEvent extends LifeEvent {
  notification: { close(): void };
}

interface Scope {
  clients: { matchAll(how: { type: "window" }): Promise<{ focus(): Promise<unknown> }[]>; openWindow(url: string): Promise<unknown> };
  location: Location;
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (event: LifeEvent) => void): void;
  addEventListener(type: "message", listener: (event: LifeEvent & { data: { keep?: string; use?: "now" } | null }) => void): void;
  addEventListener(type: "notificationclick", listener: (event: TapEvent) => void): void;
  addEventListener(type: "fetch", listener: (event: AskEvent) => void): void;
}

const scope = globalThis as unknown as Scope;
const BUILD = JSON.parse("__PRECACHE__") as Build;
const PREFIX = "xinqiao-";
const CACHE = PREFIX + BUILD.version;
const PAGE = "/";
/** A mark in the cache, never asked for: this kind of user has been here. */
const markOf = (surface: string) => `/static/kept/${surface}`;
/** Addresses that the server answers itself. */
const SERVERS_OWN = /^\/(api|ws|poll|accounts|static|ledger|healthz|readyz|sw\.js)(\/|$)/;

scope.addEventListener("install", (event) => event.waitUntil(install()));
scope.addEventListener("activate", (event) => event.waitUntil(tidy()));
scope.addEventListener("message", (event) => {
  if (event.data?.use === "now") event.waitUntil(scope.skipWaiting());
  if (event.data?.keep) event.waitUntil(keep(event.data.keep));
});
scope.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(toFront());
});
scope.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== scope.location.origin) return;
  if (request.mode === "navigate" && !SERVERS_OWN.test(url.pathname)) event.respondWith(stored(PAGE, request));
  else if (url.pathname.startsWith("/static/")) event.respondWith(stored(url.pathname, request));
});

async function install(): Promise<void> {
  await fill([PAGE, ...BUILD.shell]);
  const page = await (await caches.open(CACHE)).match(PAGE);
  const html = (await page?.text()) ?? "";
  // Another version was put in place between the two requests: the browser tries again later.
  if (!BUILD.shell.some((url) => html.includes(url))) throw new Error("the page belongs to another version");
  for (const surface of Object.keys(BUILD.surfaces)) if (await caches.match(markOf(surface))) await keep(surface);
}

async function keep(surface: string): Promise<void> {
  const urls = BUILD.surfaces[surface];
  if (!urls) return;
  await fill(urls);
  await (await caches.open(CACHE)).put(markOf(surface), new Response());
}

/** Takes from an earlier cache what has not changed: names under assets/ carry a hash of their content. */
async function fill(urls: readonly string[]): Promise<void> {
  const cache = await caches.open(CACHE);
  const one = async (url: string) => {
    if (await cache.match(url)) return;
    const known = url.startsWith("/static/assets/") ? await caches.match(url) : undefined;
    const response = known ?? (await fetch(url, { cache: "no-cache", credentials: "same-origin" }));
    if (!response.ok || response.redirected) throw new Error(`${url} answered ${response.status}`);
    await cache.put(url, response);
  };
  await Promise.all(urls.map(one));
}

/** Pages of the version before may still be open in another tab: its files stay until the next one. */
async function tidy(): Promise<void> {
  const ours = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(ours.slice(0, -1).map((name) => caches.delete(name)));
}

async function stored(url: string, request: Request): Promise<Response> {
  const known = (await (await caches.open(CACHE)).match(url)) ?? (url === PAGE ? undefined : await caches.match(url));
  return known ?? fetch(request);
}

/** The page that rings, or one where the missed call stands. */
async function toFront(): Promise<void> {
  const [page] = await scope.clients.matchAll({ type: "window" });
  await (page ? page.focus() : scope.clients.openWindow(PAGE));
}
