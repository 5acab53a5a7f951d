import { useEffect, useRef, useState } from "react";
import { toast } from "../announce";
import type { ChosenFile } from "../talk/files";
import { MOST, prepare, Unusable, type Prepared } from "./prepare";
import { useAttachmentWords } from "./words";

export interface Choosing {
  /** Files are being made ready. */
  busy: boolean;
  /** A photo too blurred to read, which waits for the person's word. */
  doubtful: Prepared | null;
  choose: (files: Iterable<File>) => void;
  /** What becomes of the doubtful one. */
  settle: (keep: boolean) => void;
}

/** Takes chosen, pasted or dropped files: checks them, draws photos anew, asks about blurred ones, and adds the rest to the message. */
export function useChoosing(files: readonly ChosenFile[], onFiles: (files: readonly ChosenFile[]) => void): Choosing {
  const t = useAttachmentWords();
  const [running, setRunning] = useState(0);
  const [doubts, setDoubts] = useState<readonly Prepared[]>([]);
  // What is there when the last photo is ready, not when it was chosen: something may have been taken out meanwhile.
  const latest = useRef(files);
  useEffect(() => {
    latest.current = files;
  });
  const say = (words: string) => toast(words, { tone: "danger" });

  const choose = (picked: Iterable<File>) => void take([...picked]);
  const take = async (picked: File[]) => {
    const room = MOST - files.length - doubts.length;
    if (picked.length > room) say(t("at.problem.many", { most: MOST }));
    setRunning((count) => count + 1);
    const ready: Prepared[] = [];
    // One after the other: a phone has memory for one large picture.
    for (const file of picked.slice(0, Math.max(0, room))) {
      try {
        ready.push(await prepare(file));
      } catch (error) {
        say(t(`at.problem.${error instanceof Unusable ? error.problem : "damaged"}`, { name: file.name }));
      }
    }
    setRunning((count) => count - 1);
    const clear = ready.filter((one) => !one.blurred);
    if (clear.length) onFiles([...latest.current, ...clear.map((one) => one.file)]);
    setDoubts((before) => [...before, ...ready.filter((one) => one.blurred)]);
  };
  const doubtful = doubts[0] ?? null;
  const settle = (keep: boolean) => {
    if (keep && doubtful) onFiles([...files, doubtful.file]);
    setDoubts((before) => before.slice(1));
  };
  return { busy: running > 0, doubtful, choose, settle };
}
