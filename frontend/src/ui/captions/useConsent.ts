import type { CallState } from "@core/calls/current";
import { newClientId } from "@core/ids";
import { useLive } from "../live";
import { toastError } from "../toastError";

/** Of the words that are agreed to (`cs.terms.*`): whoever changes what they promise changes this as well. */
const TEXT_VERSION = "2026-11";

/** What somebody in a call can say about captions. Each shows why when it could not be said. */
export function useCaptionConsent(call: CallState) {
  const { socket } = useLive();
  const say = (command: Parameters<typeof socket.request>[0]) => void socket.request(command).catch(toastError);
  const about = () => ({ call: call.call ?? "", client_id: newClientId() });
  return {
    ask: () => say({ type: "captions.request", ...about(), text_version: TEXT_VERSION }),
    answer: (granted: boolean) => say({ type: "captions.consent", ...about(), granted, text_version: TEXT_VERSION }),
    stop: () => say({ type: "captions.stop", ...about() }),
  };
}

export type CaptionState = NonNullable<CallState["captions"]>["people"][number]["state"];

/** Of one's own voice and of the other's; null: not asked. */
export function statesOf(call: CallState, me: string): { mine: CaptionState | null; theirs: CaptionState | null } {
  const people = call.captions?.people ?? [];
  return { mine: people.find((one) => one.person === me)?.state ?? null, theirs: people.find((one) => one.person !== me)?.state ?? null };
}
