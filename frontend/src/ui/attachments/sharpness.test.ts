import { describe, expect, test } from "vitest";
import { isBlurred, sharpness } from "./sharpness";

const WIDTH = 512;
const HEIGHT = 384;

type Grey = (x: number, y: number) => number;

/** A picture as a canvas gives it. */
function picture(grey: Grey): Uint8ClampedArray {
  const pixels = new Uint8ClampedArray(WIDTH * HEIGHT * 4);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) pixels.set([grey(x, y), grey(x, y), grey(x, y), 255], 4 * (y * WIDTH + x));
  }
  return pixels;
}

/** Every pixel as the mean of its surroundings, `radius` in each direction. */
function blurred(grey: Grey, radius: number): Grey {
  return (x, y) => {
    let [sum, count] = [0, 0];
    for (let dy = -radius; dy <= radius; dy++) for (let dx = -radius; dx <= radius; dx++) [sum, count] = [sum + grey(x + dx, y + dy), count + 1];
    return sum / count;
  };
}

/** Lines of print on a page: strokes of two pixels. */
const print: Grey = (x, y) => (y % 24 < 12 && x % 6 < 2 ? 40 : 225);
const alone: Grey = (x, y) => (x > 128 && x < 384 && y > 96 && y < 288 ? print(x, y) : 205);

describe("a blurred photo", () => {
  test("is told from a sharp one", () => {
    expect(isBlurred(picture(print), WIDTH, HEIGHT)).toBe(false);
    expect(isBlurred(picture(blurred(print, 6)), WIDTH, HEIGHT)).toBe(true);
  });

  test("gets less sharp with every step", () => {
    const steps = [0, 1, 2, 4].map((radius) => sharpness(picture(blurred(print, radius)), WIDTH, HEIGHT));
    expect([...steps].sort((a, b) => b - a)).toEqual(steps);
  });

  test("is not seen in a sharp note on an empty table", () => {
    expect(isBlurred(picture(alone), WIDTH, HEIGHT)).toBe(false);
    expect(isBlurred(picture(blurred(alone, 6)), WIDTH, HEIGHT)).toBe(true);
  });

  test("is what an empty wall looks like", () => {
    expect(isBlurred(picture(() => 205), WIDTH, HEIGHT)).toBe(true);
  });

  test("is not made sharp by one speck", () => {
    const speck: Grey = (x, y) => (x > 40 && x < 44 && y > 40 && y < 44 ? 0 : 205);
    expect(isBlurred(picture(speck), WIDTH, HEIGHT)).toBe(true);
  });
});
