import { useRef, useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { codedFrom } from "@core/errors";
import type { CodedError } from "@core/protocol";
import { uploadRecording, type ToSend } from "@core/recordings";
import type { Upload } from "@core/upload";
import { announce } from "@ui/announce";
import { useLeaveGuard } from "@ui/useLeaveGuard";
import { useT } from "../words";

export interface UploadState {
  /** 0..1 while it is on its way, else null. */
  sent: number | null;
  error: CodedError | null;
  start: (call: ToSend) => Promise<boolean>;
  cancel: () => void;
}

/** Sends one recording at a time; leaving the page asks first, because the file would be lost on the way. */
export function useUpload(followUp: string): UploadState {
  const t = useT();
  const queries = useQueryClient();
  const [sent, setSent] = useState<number | null>(null);
  const [error, setError] = useState<CodedError | null>(null);
  const running = useRef<Upload<unknown> | null>(null);
  useLeaveGuard(sent !== null);
  const start = async (call: ToSend) => {
    setError(null);
    setSent(0);
    running.current = uploadRecording(followUp, call, setSent);
    try {
      await running.current.done;
      announce(t("d.upload.done"));
      return true;
    } catch (failure) {
      const coded = codedFrom(failure);
      if (coded.code !== "client.cancelled") setError(coded);
      return false;
    } finally {
      running.current = null;
      setSent(null);
      void queries.invalidateQueries({ queryKey: ["followups"] });
    }
  };
  return { sent, error, start, cancel: () => running.current?.cancel() };
}
