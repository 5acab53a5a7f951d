import { useState } from "react";
import { Dialog } from "@ui/Dialog";
import { TextField } from "@ui/fields";
import { useT, type DoctorId } from "./words";

/** Where a key works, the keys, and what they do. */
const SHEET: readonly (readonly [DoctorId, readonly (readonly [string, DoctorId])[]])[] = [
  [
    "d.keys.everywhere",
    [
      ["F6 · Shift+F6", "d.key.region"],
      ["Ctrl+/", "d.key.sheet"],
      ["Ctrl+K", "d.key.search"],
      ["Alt+↓ · Alt+↑", "d.key.next"],
      ["Alt+Shift+↓ · Alt+Shift+↑", "d.key.nextReply"],
      ["Alt+R", "d.key.arrivals"],
      ["Ctrl+.", "d.key.panel"],
      ["Ctrl+Shift+L", "d.key.composer"],
    ],
  ],
  [
    "d.keys.queue",
    [
      ["↑ ↓ Home End", "d.key.move"],
      ["Enter", "d.key.open"],
      ["Alt+G", "d.key.take"],
    ],
  ],
  [
    "d.keys.conversation",
    [
      ["↑ ↓ Home End", "d.key.message"],
      ["Enter · Ctrl+Enter", "d.key.send"],
      ["Shift+Enter", "d.key.newline"],
      ["Enter", "d.key.actions"],
      ["Ctrl+Z", "d.key.undo"],
      ["Alt+N", "d.key.side"],
      ["Alt+C", "d.key.call"],
      ["Alt+E", "d.key.close"],
    ],
  ],
  [
    "d.keys.call",
    [
      ["Ctrl+D", "d.key.call.mic"],
      ["Ctrl+E", "d.key.call.camera"],
      ["Alt+M", "d.key.call.mark"],
    ],
  ],
  [
    "d.keys.transcript",
    [
      ["Ctrl+Space", "d.key.play"],
      ["Alt+← · Alt+→", "d.key.skip"],
      ["Alt+, · Alt+.", "d.key.speed"],
      ["Enter", "d.key.hear"],
      ["Alt+O", "d.key.loop"],
      ["Alt+W", "d.key.risk"],
      ["Alt+L", "d.key.doubt"],
      ["Enter", "d.key.accept"],
      ["Ctrl+Enter", "d.key.acceptLine"],
      ["Alt+S", "d.key.speaker"],
      ["Ctrl+Z · Ctrl+Shift+Z", "d.key.steps"],
      ["Ctrl+S", "d.key.version"],
    ],
  ],
];

export function ShortcutSheet({ onClose }: { onClose: () => void }) {
  const t = useT();
  const [wanted, setWanted] = useState("");
  const fits = (keys: string, what: DoctorId) => `${keys} ${t(what)}`.toLowerCase().includes(wanted.trim().toLowerCase());
  return (
    <Dialog title={t("d.shortcuts")} onClose={onClose} testid="d.shortcuts">
      <TextField label={t("d.shortcuts.search")} value={wanted} onChange={(event) => setWanted(event.target.value)} />
      {SHEET.map(([where, keys]) => {
        const found = keys.filter(([combo, what]) => fits(combo, what));
        if (found.length === 0) return null;
        return (
          <section key={where} className="d-keys">
            <h3>{t(where)}</h3>
            <dl>
              {found.map(([combo, what]) => (
                <div key={what}>
                  <dt>
                    <kbd>{combo}</kbd>
                  </dt>
                  <dd>{t(what)}</dd>
                </div>
              ))}
            </dl>
          </section>
        );
      })}
    </Dialog>
  );
}
