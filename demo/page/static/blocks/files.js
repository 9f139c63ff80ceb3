// Files and pictures. Nothing is fetched from another host: such a picture stays a note with its address.

import { addLines, isDiff } from "./code.js";
import { el, icon } from "./dom.js";
import { link } from "./mrkdwn.js";

/** A picture of an image block or element, if it is kept in this workspace. */
export function picture(spec, name) {
  const id = spec.slack_file?.id ?? /\/files\/(\w+)/.exec(spec.slack_file?.url ?? "")?.[1];
  const own = id ? `/files/${encodeURIComponent(id)}` : sameHost(spec.image_url);
  if (own) return el("img", { class: name, src: own, alt: spec.alt_text ?? "", loading: "lazy" });
  return el("span", { class: `${name} outside`, role: "img", "aria-label": spec.alt_text }, `🖼 ${spec.alt_text ?? "picture"} `,
    el("small", {}, "not loaded: it is on another host. ", link(spec.image_url ?? "", "Open it")));
}

function sameHost(address) {
  try {
    const url = new URL(address);
    return url.origin === location.origin && url.pathname.startsWith("/files/") ? url.href : null;
  } catch {
    return null;
  }
}

function sized(bytes) {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 1_048_576 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1_048_576).toFixed(1)} MB`;
}

/** A file shared in a message: its first lines, and the rest when asked for. */
export function sharedFile(file, context) {
  if (file.deleted) return el("div", { class: "file" }, icon("file"), " This file was deleted.");
  const facts = [file.title !== file.name ? file.name : null, file.snippet, sized(file.size), file.snippet ? `${file.lines.toLocaleString("en")} lines` : null];
  const download = el("a", { class: "button small", href: `/files/${encodeURIComponent(file.id)}`, download: file.name, "aria-label": `Download ${file.name}` }, "Download");
  const head = el("div", { class: "file-head" }, icon("file"),
    el("div", { class: "file-names" }, el("strong", {}, file.title || file.name), el("span", { class: "facts" }, facts.filter(Boolean).join(" · "))), download);
  const body = file.picture ? el("img", { class: "file-picture", src: `/files/${encodeURIComponent(file.id)}`, alt: file.alt || file.title, loading: "lazy" }) : snippet(file, context);
  return el("div", { class: "file", "aria-label": file.alt || null, role: "group" }, head, body);
}

function snippet(file, context) {
  if (!file.snippet) return null;
  const diff = file.snippet === "diff" || isDiff(file.preview);
  const code = el("pre", { class: diff ? "code diff" : "code", tabindex: "0", "aria-label": file.title || file.name });
  let shown = file.preview.length;
  addLines(code, file.preview, diff);
  const more = el("button", { type: "button", class: "more" });
  const label = () => { more.textContent = `Show more: ${(file.lines - shown).toLocaleString("en")} of ${file.lines.toLocaleString("en")} lines are hidden`; };
  more.addEventListener("click", async () => {
    more.disabled = true;
    const { lines, total } = await context.lines(file.id, shown);
    addLines(code, lines, diff);
    shown += lines.length;
    code.classList.add("open");
    more.disabled = false;
    if (shown >= total || !lines.length) more.remove();
    else label();
  });
  label();
  return el("div", { class: "folded" }, code, file.lines > shown ? more : null);
}
