import { createContext, useContext } from "react";
import type { Person } from "@core/protocol";
import type { Reader } from "../StatusWords";

/** A message that something is done with, and the element that the act began at: there the focus returns to. */
export interface Target {
  seq: number;
  anchor: HTMLElement;
}

/** What is left to show of a message that somebody answered. */
export interface Quoted {
  seq: number;
  author: Person | null;
  own: boolean;
  /** Empty for pictures and voice notes; null when it was taken back or is not loaded yet. */
  text: string | null;
  state: "there" | "retracted" | "older";
}

/** What a message in a conversation may ask of its page. */
export interface Talk {
  thread: string;
  reader: Reader;
  quoted: (seq: number) => Quoted;
  openMenu: (target: Target) => void;
  openDetails: (target: Target) => void;
  /** Goes to a message of this thread, however far back it is. */
  jump: (seq: number) => void;
}

const TalkContext = createContext<Talk | null>(null);
export const TalkProvider = TalkContext.Provider;

/** Null where messages are only shown, not acted on. */
export const useTalk = (): Talk | null => useContext(TalkContext);
