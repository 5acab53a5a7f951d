import { useEffect, useState, useSyncExternalStore } from "react";
import { createPortal } from "react-dom";
import { Button } from "./Button";
import { onModals, topModal } from "./modals";
import { useSettings } from "./settings";
import { useUi } from "./words";
import "./toast.css";

/** What is said aloud and what is shown for a moment. Module state on purpose: there is one voice per page. */
export interface Toast {
  id: number;
  text: string;
  tone: "neutral" | "danger";
  action?: { label: string; run: () => void } | undefined;
}

interface Voice {
  polite: string;
  assertive: string;
  toasts: readonly Toast[];
}

const TOAST_MS = 8_000;
let voice: Voice = { polite: "", assertive: "", toasts: [] };
let nextToast = 1;
const listeners = new Set<() => void>();

function change(part: Partial<Voice>): void {
  voice = { ...voice, ...part };
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Says a sentence to screen readers without moving the focus. The same sentence twice is spoken twice. */
export function announce(text: string, how: "polite" | "assertive" = "polite"): void {
  const again = voice[how] === text ? "\u00a0" : "";
  change({ [how]: text + again });
}

/** Shows and speaks a short message. It goes by itself after 8 s, except in elder mode, where it waits for its button. */
export function toast(text: string, options: Partial<Pick<Toast, "tone" | "action">> = {}): void {
  const tone = options.tone ?? "neutral";
  announce(text, tone === "danger" ? "assertive" : "polite");
  change({ toasts: [...voice.toasts, { id: nextToast++, text, tone, action: options.action }] });
}

function dismiss(id: number): void {
  change({ toasts: voice.toasts.filter((item) => item.id !== id) });
}

/** The page's two live regions and its toasts. Exactly one per page. Over a modal dialog they stand in it: the browser puts it before
 * everything else, and makes the rest deaf and mute. */
export function LiveRegions() {
  const { toasts } = useVoice();
  const modal = useSyncExternalStore(onModals, topModal);
  const shown = toasts.length > 0 && <Toasts toasts={toasts} />;
  return (
    <>
      <Said where="live" />
      {modal ? createPortal(<><Said />{shown}</>, modal) : shown}
    </>
  );
}

const useVoice = () => useSyncExternalStore(subscribe, () => voice);

/** Begins empty: what was said before a dialog opened is not said again in it. */
function Said({ where = "modal" }: { where?: "live" | "modal" }) {
  const { polite, assertive } = useVoice();
  const [before] = useState(voice);
  return (
    <>
      <div className="sr-only" role="status" aria-live="polite" data-testid={`x.${where}.polite`}>
        {polite !== before.polite && polite}
      </div>
      <div className="sr-only" role="alert" aria-live="assertive" data-testid={`x.${where}.assertive`}>
        {assertive !== before.assertive && assertive}
      </div>
    </>
  );
}

function Toasts({ toasts }: Pick<Voice, "toasts">) {
  const t = useUi();
  return (
    <section aria-label={t("ui.notices")}>
      <ul className="x-toasts">
        {toasts.map((item) => (
          <ToastRow key={item.id} item={item} />
        ))}
      </ul>
    </section>
  );
}

function ToastRow({ item }: { item: Toast }) {
  const t = useUi();
  const { mode } = useSettings();
  useEffect(() => {
    if (mode === "elder") return;
    const timer = setTimeout(() => dismiss(item.id), TOAST_MS);
    return () => clearTimeout(timer);
  }, [item.id, mode]);
  const { action } = item;
  return (
    <li className="x-toast" data-tone={item.tone} data-testid="x.toast">
      <p>{item.text}</p>
      {action && (
        <Button size="small" onClick={() => [action.run(), dismiss(item.id)]}>
          {action.label}
        </Button>
      )}
      <Button size="small" onClick={() => dismiss(item.id)}>
        {t("ui.understood")}
      </Button>
    </li>
  );
}
