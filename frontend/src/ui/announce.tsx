import { useEffect, useSyncExternalStore } from "react";
import { createPortal } from "react-dom";
import { Button } from "./Button";
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
  /** The modal dialogs that are open, the topmost last. */
  modals: readonly HTMLDialogElement[];
}

const TOAST_MS = 8_000;
/** A screen reader that comes upon a region later must not read an alarm that is over. */
const SAID_MS = 30_000;
const falling: Partial<Record<"polite" | "assertive", ReturnType<typeof setTimeout>>> = {};
let voice: Voice = { polite: "", assertive: "", toasts: [], modals: [] };
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

/** To be called when a dialog opens; returns what is to be called when it closes. What was said before is not said again in it. */
export function enterModal(dialog: HTMLDialogElement): () => void {
  change({ modals: [...voice.modals, dialog], polite: "", assertive: "" });
  return () => change({ modals: voice.modals.filter((one) => one !== dialog) });
}

/** Says a sentence to screen readers without moving the focus. The same sentence twice is spoken twice. */
export function announce(text: string, how: "polite" | "assertive" = "polite"): void {
  const again = voice[how] === text ? "\u00a0" : "";
  change({ [how]: text + again });
  clearTimeout(falling[how]);
  falling[how] = setTimeout(() => change({ [how]: "" }), SAID_MS);
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
  const now = useSyncExternalStore(subscribe, () => voice);
  const { toasts, modals } = now;
  const modal = modals.at(-1);
  const shown = toasts.length > 0 && <Toasts toasts={toasts} />;
  return (
    <>
      <Said voice={now} testid="x.live" />
      {modal ? createPortal(<><Said voice={now} testid="x.modal" />{shown}</>, modal) : shown}
    </>
  );
}

function Said({ voice, testid }: { voice: Voice; testid: string }) {
  return (["polite", "assertive"] as const).map((how) => (
    <div key={how} className="sr-only" role={how === "polite" ? "status" : "alert"} aria-live={how} data-testid={`${testid}.${how}`}>
      {voice[how]}
    </div>
  ));
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
