import { newClientId } from "../ids";

const KEY = "xinqiao.device";

/** This tab's name. A reload keeps it; a copy of the tab, which copies its storage, gets one of its own: two pages of one name would take
 * each other's calls. Held until the page is gone. */
export const deviceName = (): Promise<string> => (mine ??= claim());

let mine: Promise<string> | undefined;

async function claim(): Promise<string> {
  const kept = read();
  if (kept && (await hold(kept))) return kept;
  const made = newClientId();
  await hold(made);
  try {
    sessionStorage.setItem(KEY, made);
  } catch {
    // A reload will be another device.
  }
  return made;
}

function read(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** False when another page holds that name. Browsers without locks (and pages without TLS) believe it is theirs. */
function hold(name: string): Promise<boolean> {
  if (!("locks" in navigator)) return Promise.resolve(true);
  return new Promise((resolve) => {
    const forever = new Promise<never>(() => undefined);
    void navigator.locks
      .request(`${KEY}.${name}`, { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock === null ? undefined : forever;
      })
      .catch(() => resolve(true));
  });
}
