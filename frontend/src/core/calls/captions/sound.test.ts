import fc from "fast-check";
import { expect, test } from "vitest";
import { Gate, PIECE, RATE, Resampler, toPcm } from "./sound";

const SECONDS = 0.5;
const tone = (rate: number, hertz: number) => Float32Array.from({ length: rate * SECONDS }, (_, at) => 0.5 * Math.sin((2 * Math.PI * hertz * at) / rate));

function resampled(rate: number, hertz: number, block = 128): number[] {
  const resampler = new Resampler(rate);
  const sound = tone(rate, hertz);
  return Array.from({ length: Math.ceil(sound.length / block) }, (_, at) => resampler.take(sound.subarray(at * block, (at + 1) * block))).flat();
}

const power = (samples: readonly number[]) => Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length);

test.each([16_000, 44_100, 48_000])("speech keeps its strength and its time at %i Hz", (rate) => {
  const heard = resampled(rate, 1_000);
  expect(heard.length / RATE).toBeCloseTo(SECONDS, 2);
  expect(power(heard)).toBeCloseTo(0.5 / Math.SQRT2, 2);
});

test.each([44_100, 48_000])("what is above speech at %i Hz is gone, not folded down into it", (rate) => {
  expect(power(resampled(rate, 12_000))).toBeLessThan(0.005);
});

test("however the browser cuts the sound, the samples are the same", () => {
  const whole = resampled(48_000, 440, 24_000);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000 }), (block) => {
      expect(resampled(48_000, 440, block).slice(0, whole.length)).toEqual(whole);
    }),
    { numRuns: 10 },
  );
});

test("a sample is one of 16 bits, however loud", () => {
  expect([-2, -1, 0, 0.5, 1, 2].map(toPcm)).toEqual([-32_768, -32_768, 0, 16_384, 32_767, 32_767]);
});

test("silence is not sent; what is just before speech and the pause after it are", () => {
  const gate = new Gate();
  const quiet = () => new Int16Array(PIECE);
  const loud = () => new Int16Array(PIECE).fill(3_000);
  const sent = [quiet(), quiet(), loud(), loud(), quiet(), quiet(), quiet(), quiet(), quiet()].map((piece) => gate.take(piece).length);
  expect(sent).toEqual([0, 0, 2, 1, 1, 1, 1, 0, 0]);
});
