import type { Quality } from "./current";

/** What one look at the connection says. Shares 0..1, times in ms; null where the browser does not tell. */
export interface Sample {
  /** Of what was sent here, since the look before. */
  lossIn: number | null;
  /** Of what this device sent, as the other side reports it. */
  lossOut: number | null;
  rtt: number | null;
  /** What the browser believes it can send, bits per second. */
  room: number | null;
}

interface Counted {
  received: number;
  lost: number;
}

const POOR = { loss: 0.1, rtt: 800, room: 60_000 };
const FAIR = { loss: 0.03, rtt: 350, room: 150_000 };
/** It is worse when two looks in a row say so, better when three do: a word that changes with every look says nothing. */
const WORSE_AFTER = 2;
const BETTER_AFTER = 3;
const RANK: Record<Quality, number> = { good: 0, fair: 1, poor: 2 };

/** Reads getStats() (W3C webrtc-stats) of one connection, look after look. */
export class Looks {
  private before: Counted | null = null;

  read(stats: Iterable<Record<string, unknown>>): Sample {
    const all = [...stats];
    const counted = { received: 0, lost: 0 };
    for (const one of all) {
      if (one["type"] !== "inbound-rtp") continue;
      counted.received += number(one["packetsReceived"]) ?? 0;
      counted.lost += number(one["packetsLost"]) ?? 0;
    }
    const lossIn = this.since(counted);
    const out = all.filter((one) => one["type"] === "remote-inbound-rtp").map((one) => number(one["fractionLost"]));
    const pair = all.find((one) => one["type"] === "candidate-pair" && one["nominated"] === true && one["state"] === "succeeded");
    const rtt = number(pair?.["currentRoundTripTime"]);
    return { lossIn, lossOut: highest(out), rtt: rtt === null ? null : rtt * 1000, room: number(pair?.["availableOutgoingBitrate"]) };
  }

  /** Counters begin anew with a new connection. */
  private since(now: Counted): number | null {
    const { before } = this;
    this.before = now;
    if (!before || now.received < before.received) return null;
    const received = now.received - before.received;
    const lost = Math.max(0, now.lost - before.lost);
    return received + lost === 0 ? null : lost / (received + lost);
  }
}

function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function highest(values: readonly (number | null)[]): number | null {
  const known = values.filter((one) => one !== null);
  return known.length ? Math.max(...known) : null;
}

/** How well this device hears. */
export const heardAs = ({ lossIn, rtt }: Sample): Quality => word(lossIn, rtt, null);
/** How well it is heard. */
export const sentAs = ({ lossOut, rtt, room }: Sample): Quality => word(lossOut, rtt, room);

function word(loss: number | null, rtt: number | null, room: number | null): Quality {
  const beyond = (limits: typeof POOR) => (loss ?? 0) > limits.loss || (rtt ?? 0) > limits.rtt || (room ?? Infinity) < limits.room;
  return beyond(POOR) ? "poor" : beyond(FAIR) ? "fair" : "good";
}

/** A word that does not tremble. */
export class Steady {
  private said: Quality | null = null;
  private other: Quality | null = null;
  private times = 0;

  /** The word to be said after one more look. */
  take(seen: Quality): Quality {
    if (this.said === null) return (this.said = seen);
    this.times = seen === this.other ? this.times + 1 : 1;
    this.other = seen;
    const enough = RANK[seen] > RANK[this.said] ? WORSE_AFTER : BETTER_AFTER;
    if (seen !== this.said && this.times >= enough) this.said = seen;
    return this.said;
  }
}

/** What was measured over a whole call, on the average; null where the browser does not tell. */
export interface Measured {
  rtt_ms: number | null;
  loss_permille: number | null;
}

/** Adds up looks. */
export class Sums {
  private readonly rtt = { sum: 0, count: 0 };
  private readonly loss = { sum: 0, count: 0 };

  take({ rtt, lossIn }: Sample): void {
    add(this.rtt, rtt);
    add(this.loss, lossIn);
  }

  /** Within the bounds that the server takes. */
  get mean(): Measured {
    return { rtt_ms: mean(this.rtt, 1, 60_000), loss_permille: mean(this.loss, 1000, 1000) };
  }
}

function add(sums: { sum: number; count: number }, value: number | null): void {
  if (value === null) return;
  sums.sum += value;
  sums.count++;
}

const mean = ({ sum, count }: { sum: number; count: number }, scale: number, most: number) => (count === 0 ? null : Math.min(most, Math.round((scale * sum) / count)));
