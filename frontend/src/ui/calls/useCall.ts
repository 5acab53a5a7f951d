import { useSyncExternalStore } from "react";
import { currentCall, onCall, type CallState } from "@core/calls/current";

/** The page's call, or null. */
export const useCall = (): CallState | null => useSyncExternalStore(onCall, currentCall);
