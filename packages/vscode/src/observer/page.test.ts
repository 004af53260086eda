import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { pageHtml } from "./page.ts";

const source = readFileSync(path.join(import.meta.dirname, "../../../portal/index.html"), "utf8");
/** As Vite writes it. */
const index = source.replace(
  /<script type="module"[^>]*><\/script>/,
  '<script type="module" crossorigin src="./assets/index-1.js"></script><link rel="stylesheet" href="./assets/index-1.css">',
);
const page = pageHtml({ index, base: "https://webview.example/portal", source: "https://*.example", mark: "3" });

test("the page reaches nothing: it may load its own files, and connect to none", () => {
  const [, guard = ""] = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(page) ?? [];
  expect(guard.split("; ")).toContain("default-src 'none'");
  expect(guard).not.toContain("connect-src");
  expect(guard).not.toMatch(/unsafe|\*(?!\.example)/);
});

test("the guard stands before anything that it guards", () => {
  expect(page.indexOf("Content-Security-Policy")).toBeLessThan(page.indexOf("<script"));
  expect(page.indexOf("Content-Security-Policy")).toBeLessThan(page.indexOf("<link"));
});

test("what is loaded comes from where the editor serves it", () => {
  expect(page).toContain('src="https://webview.example/portal/assets/index-1.js"');
  expect(page).not.toContain('"./assets/');
});

test("another session is another page", () => {
  expect(pageHtml({ index, base: "b", source: "s", mark: "1" })).not.toBe(
    pageHtml({ index, base: "b", source: "s", mark: "2" }),
  );
});

test("a build in which the guard has no place is not shown", () => {
  const other = index.replace('<meta charset="utf-8" />', '<meta charset="UTF-8">');
  expect(() => pageHtml({ index: other, base: "b", source: "s", mark: "1" })).toThrow("without its guard");
});
