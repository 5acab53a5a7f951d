// @vitest-environment jsdom
import { cleanup, configure, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { go, Link, matchPath, Redirect, Route, Switch, useLocation, useSearch } from "./router";

configure({ asyncUtilTimeout: 20_000 }); // for a machine that does other things

function Pages() {
  const [here] = useLocation();
  return (
    <>
      <p>at {here}?{useSearch()}</p>
      <Link href="/consultations/c%2F1">one</Link>
      <Switch>
        <Route path="/">home</Route>
        <Route path="/consultations/:id">{({ id }) => <p>consultation {id}</p>}</Route>
        <Route path="/ask/:step?">{({ step }) => <p>step {step ?? "none"}</p>}</Route>
        <Route path="/old">
          <Redirect to="/ask" />
        </Route>
        <Route>nothing here</Route>
      </Switch>
    </>
  );
}

beforeEach(() => window.history.replaceState(null, "", "/"));
afterEach(cleanup);

describe("the router", () => {
  test("follows a link without leaving the page, and the browser's back", async () => {
    render(<Pages />);
    screen.getByText("home");
    fireEvent.click(screen.getByText("one"));
    screen.getByText("consultation c/1");
    window.history.back();
    await screen.findByText("home");
  });

  test("leaves a click with a modifier to the browser", () => {
    render(<Pages />);
    let taken: boolean | undefined;
    const browser = (event: Event) => {
      taken = event.defaultPrevented;
      event.preventDefault(); // jsdom has no tab to open.
    };
    document.addEventListener("click", browser, { once: true });
    fireEvent.click(screen.getByText("one"), { ctrlKey: true });
    expect(taken).toBe(false);
    screen.getByText("home");
  });

  test("shows the first page that matches, or the one without a path", async () => {
    render(<Pages />);
    for (const [to, text] of [["/ask", "step none"], ["/ask/words", "step words"], ["/ask/words/more", "nothing here"], ["/old", "step none"]] as const) {
      go(to);
      await screen.findByText(text);
    }
  });

  test("tells what follows the question mark", async () => {
    render(<Pages />);
    go("/ask?case=7");
    await screen.findByText("at /ask?case=7");
  });
});

test("a mistyped escape is a value, not a crash", () => {
  expect(matchPath("/consultations/:id", "/consultations/%zz")).toEqual({ id: "%zz" });
});
