import { Suspense, useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { useQueryClient } from "@tanstack/react-query";
import type { Conversation, ConversationState, TakenBack } from "@core/conversation";
import type { CodedError, DurableCommand, Person, TimelineEvent } from "@core/protocol";
import { codedFrom } from "@core/errors";
import { newClientId } from "@core/ids";
import { announce, toast } from "../announce";
import type { ComposerHandle, ComposerProps } from "../Composer";
import { copy } from "../copy";
import { later } from "../later";
import { useLive } from "../live";
import type { LogHandle } from "../MessageLog";
import { errorText } from "../states";
import type { Reader } from "../StatusWords";
import type { MessageAction } from "./actions";
import type { Quoted, Talk, Target } from "./context";
import type { ChosenFile } from "./files";
import { ReplyPreview } from "./ReplyPreview";
import { composerTools } from "./slots";
import { useJump } from "./useJump";
import { useTalkWords } from "./words";

const loadOverlay = () => import("./TalkOverlay");
const TalkOverlay = later(loadOverlay);

export interface TalkPageOptions {
  conversation: Conversation;
  state: ConversationState;
  people: ReadonlyMap<string, Person>;
  me: string;
  reader: Reader;
  /** Whether something can be written in this thread now. */
  open: boolean;
  /** "p.chat" or "d.conv". */
  testid: string;
  /** Where this person had come to when it is not in the conversation's header (side threads). */
  opening?: { unread: number; reading_cursor: number };
  /** Whether `?at=` in the address speaks of this thread. */
  linked?: boolean;
  /** Colleagues whom the next message calls in, by the names in its words (side threads). */
  mentions?: ((text: string) => readonly string[]) | undefined;
  /** Takes the words of a message into another composer (side threads). */
  onCite?: ((event: TimelineEvent) => void) | undefined;
}

/** What is open over the conversation: the actions of a message, or one of them. */
export interface Opened {
  what: "menu" | "details" | "retract" | "correct";
  target: Target;
  /** Why the act was not stored: its words are still in the dialog. */
  failure?: CodedError;
}

/** Everything that a page does with the messages of one thread beside showing them: answer, copy, take back, put right, look
 * who has read, go to, call back. */
export function useTalkPage(options: TalkPageOptions) {
  const { conversation, state, people, me, reader, open, testid } = options;
  const log = useRef<LogHandle>(null);
  const composer = useRef<ComposerHandle>(null);
  const [opened, setOpened] = useState<Opened | null>(null);
  const parts = useParts(options, composer);
  const { jump, readUpto, ready } = useJump(log, { conversation, state, opening: options.opening ?? (state.settled ? state.detail : null), linked: options.linked ?? true });
  const { timeline } = state;
  const eventOf = useCallback((seq: number) => timeline.events[seq - timeline.first], [timeline]);
  const talk = useMemo<Talk>(
    () => ({
      thread: conversation.id,
      reader,
      quoted: (seq) => quoted(seq, eventOf(seq), people, me),
      openMenu: (target) => setOpened({ what: "menu", target }),
      openDetails: (target) => setOpened({ what: "details", target }),
      jump,
    }),
    [conversation, reader, eventOf, people, me, jump],
  );
  useFailures(conversation);
  // What a message's button opens is there before the network goes away.
  useEffect(() => void loadOverlay().catch(() => undefined), []);
  const undo = useUndo(conversation, composer, parts.restore, reader !== "patient");
  const act = useActions(options, { log: jump, setOpened, setReply: parts.setReply, composer });
  const event = opened && eventOf(opened.target.seq);
  const overlay = opened && event && (
    <Suspense fallback={null}>
      <TalkOverlay {...options} opened={opened} event={event} onAct={act} onClose={() => setOpened((now) => (now === opened ? null : now))} />
    </Suspense>
  );
  const quotedReply = parts.reply === null ? null : talk.quoted(parts.reply);
  const tools = composerTools({ thread: conversation.id, reader: reader === "patient" ? "patient" : "staff", testid, files: parts.files, onFiles: parts.setFiles, onVoice: parts.sendVoice, onInstead: parts.setInstead });
  const above = (
    <>
      {quotedReply && open && <ReplyPreview quoted={quotedReply} onDrop={() => parts.setReply(null)} />}
      {tools.above}
    </>
  );
  const composerProps: Pick<ComposerProps, "handle" | "above" | "before" | "tools" | "instead" | "loaded" | "onSend"> = {
    handle: composer,
    above,
    before: tools.before,
    tools: tools.tools,
    instead: parts.instead,
    loaded: parts.files.length > 0,
    onSend: parts.send,
  };
  return { talk, log, composer, readUpto, ready, overlay, undo, jump, composerProps, leave: () => composer.current?.focus() };
}

/** What goes with the next message beside its words. */
function useParts({ conversation, mentions, me }: TalkPageOptions, composer: React.RefObject<ComposerHandle | null>) {
  const [reply, setReplyTo] = useState<number | null>(null);
  const [files, setFiles] = useState<readonly ChosenFile[]>([]);
  const [instead, setInstead] = useState<ReactNode>(null);
  const setReply = useCallback(
    (seq: number | null) => {
      setReplyTo(seq);
      composer.current?.focus();
    },
    [composer],
  );
  const clear = () => [setReplyTo(null), setFiles([])];
  const send = async (text: string) => {
    await conversation.send(text, { reply_to: reply, files, mentions: mentions?.(text) ?? [] });
    clear();
  };
  const sendVoice = async (note: ChosenFile) => {
    await conversation.send("", { reply_to: reply, files: [note] });
    setReplyTo(null);
  };
  const restore = ({ text, reply_to = null, files: back = [] }: TakenBack) => {
    if (text) composer.current?.insert(text);
    setReplyTo(reply_to);
    setFiles(back.filter((file) => file.field === "attachments"));
    const spoken = back.find((file) => file.field === "voice");
    if (spoken) void import("../voice/clips").then(({ takeBack }) => takeBack(me, conversation.id, spoken));
  };
  return { reply, setReply, files, setFiles, instead, setInstead, send, sendVoice, restore };
}

/** Calls back what is still held and puts it into the box again; Ctrl+Z does it while the box is empty. */
function useUndo(conversation: Conversation, composer: React.RefObject<ComposerHandle | null>, restore: (back: TakenBack) => void, keys: boolean) {
  const t = useTalkWords();
  const latest = useRef(restore);
  useEffect(() => {
    latest.current = restore;
  });
  const done = useCallback(
    (back: TakenBack | null) => {
      if (!back) return toast(t("tk.undo.late"));
      latest.current(back);
      if (back.files?.some((file) => file.field === "voice")) toast(t("tk.undone.voice"));
      else announce(t("tk.undone"));
    },
    [t],
  );
  useEffect(() => {
    if (!keys) return;
    const onKey = (event: KeyboardEvent) => {
      const undoes = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.code === "KeyZ";
      const held = conversation.state.timeline.pending.some((message) => message.status === "held");
      if (!undoes || !held || composer.current?.text() || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      void conversation.undoLast().then(done);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [conversation, composer, keys, done]);
  return (client_id: string) => void conversation.undo(client_id).then(done);
}

interface ActTools {
  log: (seq: number) => void;
  setOpened: (opened: Opened | null) => void;
  setReply: (seq: number | null) => void;
  composer: React.RefObject<ComposerHandle | null>;
}

export type Act = (action: MessageAction, event: TimelineEvent, words?: string) => void;

/** Does what was chosen. Taking back and putting right go through the outbox: they are done once, also after a lost connection. */
function useActions({ conversation, reader, onCite }: TalkPageOptions, { setOpened, setReply }: ActTools): Act {
  const t = useTalkWords();
  const { socket, outbox } = useLive();
  // What has become of it is seen at the message; without a network it is not, yet.
  const acted = (text: string) => (socket.state === "online" ? announce(text) : toast(t("tk.act.later")));
  // The words stay in their dialog until they are stored.
  const store = async (command: DurableCommand, opened: Opened | null, done: string) => {
    try {
      await outbox.add(command);
    } catch (error) {
      const failure = codedFrom(error);
      return opened ? setOpened({ ...opened, failure }) : toast(errorText(failure), { tone: "danger" });
    }
    setOpened(null);
    acted(done);
  };
  return (action, event, words) => {
    const act = { consultation: conversation.id, client_id: newClientId(), seq: event.seq };
    const target = { seq: event.seq, anchor: document.body };
    if (words === undefined) setOpened(null);
    if (action === "reply") setReply(event.seq);
    if (action === "cite") onCite?.(event);
    if (action === "copy" && event.kind === "message.posted") void copy(event.body.text).then((done) => toast(t(done ? "tk.copied" : "tk.copy.failed")));
    if (action === "details") setOpened({ what: "details", target });
    // A clinician may say why, and sees once more what it is about.
    if (action === "retract" && reader !== "patient" && words === undefined) return setOpened({ what: "retract", target });
    if (action === "retract") void store({ type: "message.retract", reason: words ?? "", ...act }, words === undefined ? null : { what: "retract", target }, t("tk.retracted.done"));
    if (action === "correct" && words === undefined) return setOpened({ what: "correct", target });
    if (action === "correct") void store({ type: "message.correct", text: words ?? "", ...act }, { what: "correct", target }, t("tk.corrected.done"));
  };
}

/** What the server refused is said and forgotten: there is nothing to try again. That it refused (a case that is closed, terms that are
 * over) shows that the page is old. */
function useFailures(conversation: Conversation): void {
  const { outbox } = useLive();
  const queries = useQueryClient();
  useEffect(
    () =>
      outbox.onChange((change) => {
        const { item } = change;
        if (change.type !== "failed" || item.lane !== conversation.id) return;
        void conversation.refresh();
        void queries.invalidateQueries({ queryKey: ["consultation", conversation.id] });
        if (!/^message\.(retract|correct)$/.test(item.command.type)) return;
        toast(errorText(change.error), { tone: "danger" });
        void outbox.drop(item.client_id);
      }),
    [outbox, queries, conversation],
  );
}

function quoted(seq: number, event: TimelineEvent | undefined, people: ReadonlyMap<string, Person>, me: string): Quoted {
  const author = (event?.sender && people.get(event.sender)) || null;
  const state = event === undefined ? "older" : event.kind === "message.posted" ? "there" : "retracted";
  return { seq, author, own: event?.sender === me, state, text: event?.kind === "message.posted" ? event.body.text : null };
}
