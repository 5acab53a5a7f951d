import type { CallState } from "@core/calls/current";
import { newClientId } from "@core/ids";
import { useLive } from "../live";
import { toastError } from "../toastError";

/** Of the words in the sheet (`cp.sheet.*`): whoever changes what they promise changes this as well. */
export const TEXT_VERSION = "2026-11.2";

/** What somebody in a call can say about recording it. Each shows why when it could not be said. */
export function useConsent(call: CallState) {
  const { socket } = useLive();
  const say = (command: Parameters<typeof socket.request>[0]) => void socket.request(command).catch(toastError);
  const about = () => ({ call: call.call ?? "", client_id: newClientId() });
  return {
    ask: () => say({ type: "recording.request", ...about(), text_version: TEXT_VERSION }),
    answer: (granted: boolean) => say({ type: "recording.consent", ...about(), granted, text_version: call.recording?.text_version ?? TEXT_VERSION }),
    stop: () => say({ type: "recording.stop", ...about() }),
  };
}

/** null: not asked, or not answered yet. */
export const answerOf = (call: CallState, person: string): boolean | null => call.recording?.answers.find((one) => one.person === person)?.granted ?? null;
