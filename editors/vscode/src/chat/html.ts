// The chat's page as HTML: one script with a nonce, one style sheet, and a policy that allows nothing else. Pure.

/** What the page is made of. */
export interface Page {
  /** The source that the webview may load from, as VS Code names it. */
  readonly source: string;
  /** Never used before. */
  readonly nonce: string;
  readonly script: string;
  readonly style: string;
}

/** No network, no frames, no code but ours, and no text that becomes code or HTML. */
export function policy(page: Pick<Page, "source" | "nonce">): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${page.nonce}'`,
    `style-src ${page.source}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
  ].join("; ");
}

function escaped(value: string): string {
  return value.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);
}

/** The page. */
export function html(page: Page): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escaped(policy(page))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${escaped(page.style)}">
<title>Glossator</title>
</head>
<body>
<div id="root"></div>
<script nonce="${escaped(page.nonce)}" src="${escaped(page.script)}"></script>
</body>
</html>
`;
}
