import { offerUpdate } from "./updates";

const LOOK_AGAIN_MS = 3600_000;

/** Registers the service worker and asks it to keep what `surface` needs. A newer version waits for the next start, unless somebody wants
 * it now; a page that stays open looks for one every hour. */
export async function keepForOffline(surface: string): Promise<void> {
  const { serviceWorker } = navigator;
  const registration = await serviceWorker.register("/sw.js", { updateViaCache: "none" });
  const offer = () => {
    const { waiting } = registration;
    if (waiting && serviceWorker.controller) offerUpdate(() => useNow(waiting));
  };
  registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", offer));
  offer();
  const { active } = await serviceWorker.ready;
  active?.postMessage({ keep: surface });
  setInterval(() => void registration.update().catch(() => undefined), LOOK_AGAIN_MS);
}

function useNow(waiting: ServiceWorker): void {
  navigator.serviceWorker.addEventListener("controllerchange", () => window.location.reload(), { once: true });
  waiting.postMessage({ use: "now" });
}
