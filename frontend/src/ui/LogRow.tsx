import type { Person } from "@core/protocol";
import type { Row } from "@core/rows";
import { DaySeparator } from "./DaySeparator";
import { EventLine } from "./EventCards";
import { MessageBubble } from "./MessageBubble";
import type { Reader } from "./StatusWords";
import { useTalk } from "./talk/context";
import { RetractedLine } from "./talk/RetractedLine";

interface LogRowProps {
  row: Row;
  people: ReadonlyMap<string, Person>;
  reader: Reader;
  onRetry: (client_id: string) => void;
  onDrop: (client_id: string) => void;
  onUndo?: ((client_id: string) => void) | undefined;
}

/** One row of a conversation: a day, what somebody said, or what happened. */
export function LogRow(props: LogRowProps) {
  const { row } = props;
  if (row.type === "day") return <DaySeparator at={row.at} />;
  if (row.type === "pending") return <PendingRow {...props} row={row} />;
  return <EventRow {...props} row={row} />;
}

function PendingRow({ row, reader, onRetry, onDrop, onUndo }: LogRowProps & { row: Extract<Row, { type: "pending" }> }) {
  const { client_id, text, at, status, error, reply_to, files, part, until } = row.message;
  return (
    <MessageBubble
      text={text}
      at={at}
      author={null}
      own
      firstOfGroup={row.firstOfGroup}
      status={status}
      showStatus
      reader={reader}
      error={error}
      replyTo={reply_to ?? null}
      files={files}
      part={part}
      heldUntil={until}
      onRetry={() => onRetry(client_id)}
      onDrop={() => onDrop(client_id)}
      onUndo={onUndo && (() => onUndo(client_id))}
    />
  );
}

function EventRow({ row, people, reader }: LogRowProps & { row: Extract<Row, { type: "event" }> }) {
  const talk = useTalk();
  const { event, own, marks } = row;
  const author = (event.sender && people.get(event.sender)) || null;
  if (event.kind === "message.retracted_original") return <RetractedLine seq={event.seq} by={author} own={own} retraction={marks.retracted} />;
  if (event.kind !== "message.posted") return <EventLine event={event} author={author} people={people} invited={marks.invited} onJump={talk?.jump} />;
  const { text, reply_to, attachments, voice, mentions } = event.body;
  return (
    <MessageBubble
      seq={event.seq}
      text={text}
      at={event.at}
      author={author}
      own={own}
      firstOfGroup={row.firstOfGroup}
      status={own ? row.status : undefined}
      showStatus={row.lastOwn}
      reader={reader}
      replyTo={reply_to ?? null}
      corrected={marks.corrected && { at: marks.corrected.at, text: marks.corrected.body.text }}
      attachments={attachments}
      voice={voice ?? undefined}
      voiceWords={marks.transcribed?.body}
      mentions={mentions?.map((id) => people.get(id)?.name ?? "").filter(Boolean)}
    />
  );
}
