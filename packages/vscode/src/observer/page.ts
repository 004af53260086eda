/**
 * The portal's page as a webview shows it: the same build that the daemon serves, with the addresses and the guard of
 * an editor.
 *
 * 1. The page may run its own code and show its own pictures and letters, and reach nothing: its frames pass through the
 *    extension. No source of connections is allowed at all.
 * 2. What models and strangers wrote can never become code: text is no script to this page.
 */
export interface PageOptions {
  /** `index.html` of the portal's build. */
  readonly index: string;
  /** Where the webview finds the build's folder, without a slash at the end. */
  readonly base: string;
  /** What the editor serves a webview's own files from. */
  readonly source: string;
  /** Another text makes another page: the editor loads it anew. */
  readonly mark: string;
}

/** The guard comes right behind it. */
const place = '<meta charset="utf-8" />';

/** @throws when the build is not one that can be guarded. */
export function pageHtml({ index, base, source, mark }: PageOptions): string {
  const guard = [
    "default-src 'none'",
    `script-src ${source}`,
    `style-src ${source}`,
    `img-src ${source}`,
    `font-src ${source}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const head = `<meta http-equiv="Content-Security-Policy" content="${guard}" />\n    <meta name="page" content="${mark}" />`;
  if (!index.includes(place)) throw new Error(`The page has no ${place}: it is not shown without its guard.`);
  return index
    .replace(place, `${place}\n    ${head}`)
    .replace(/\s*<link rel="icon"[^>]*>/, "")
    .replaceAll(/(src|href)="\.\/assets\//g, `$1="${base}/assets/`);
}
