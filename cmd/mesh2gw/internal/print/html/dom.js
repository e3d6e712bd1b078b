// Elements are made here and nowhere else, and what they say goes through text
// nodes: the report is full of names that strangers chose.

const $ = (id) => document.getElementById(id);

const fill = (node, attributes, children) => {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat()) {
    if (child !== null && child !== undefined && child !== false) node.append(child);
  }
  return node;
};

const el = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
const svg = (tag, attributes, ...children) => fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

const states = {
  exact: ["ok", "✓", "Exact"], equal: ["ok", "✓", "Equal"],
  differs: ["diff", "≠", "Differs"], warning: ["diff", "!", "Warning"],
  lost: ["bad", "✕", "Lost"], error: ["bad", "✕", "Error"],
  unproven: ["unk", "?", "Not proven"], "not proven": ["unk", "?", "Not proven"],
  note: ["info", "i", "Note"],
};

const stateClass = (state) => states[state][0];
const sign = (state) => el("span", { class: "sign", "aria-hidden": "true" }, states[state][1]);
const badge = (state) => el("span", { class: "badge " + stateClass(state) }, sign(state), states[state][2]);
const count = (n, noun) => n + " " + noun + (n === 1 ? "" : "s");
const say = (text) => { $("live").textContent = text; };

// rowOf and cell name their roles, since cards on narrow screens are not laid out
// as tables, and would not be told as such.
const rowOf = (attributes, ...cells) => el("tr", { role: "row", ...attributes }, ...cells);
const cell = (label, ...children) => el("td", { role: "cell", "data-label": label }, ...children);
const tableOf = (kind, heads, rows) => el("table", { class: kind, role: "table" },
  el("thead", { role: "rowgroup" }, rowOf({}, heads.map((h) => el("th", { role: "columnheader", scope: "col" }, h)))),
  el("tbody", { role: "rowgroup" }, rows));

// copyable is a command with a button that copies it.
const copyable = (text) => {
  const code = el("code", {}, text);
  return el("div", { class: "command" }, el("pre", { tabindex: "0" }, code), copyButton(() => text, code));
};

const copyButton = (text, code) => {
  const button = el("button", { type: "button", class: "copy", onclick: async () => {
    try {
      await navigator.clipboard.writeText(text());
      button.textContent = "Copied";
      say("Copied");
    } catch {
      // A page from disk may not be let near the clipboard: the reader copies.
      getSelection().selectAllChildren(code);
      button.textContent = "Selected";
      say("Selected, press Ctrl+C to copy");
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  } }, "Copy");
  return button;
};

// lazily fills the body of a disclosure when it is opened for the first time.
const lazily = (details, body) => {
  details.fillBody = () => {
    if (details.filled) return;
    details.filled = true;
    details.append(body());
  };
  details.addEventListener("toggle", () => { if (details.open) details.fillBody(); });
  return details;
};

// paged shows a list in pieces: at once what a screen holds, the rest on demand.
const paged = (list, button, step, make) => {
  let items = [], shown = 0;
  const more = (n) => {
    const part = document.createDocumentFragment();
    const end = Math.min(items.length, shown + n);
    for (; shown < end; shown++) part.append(make(items[shown]));
    list.append(part);
    const left = items.length - shown;
    if (button) {
      button.hidden = left === 0;
      button.textContent = "Show " + Math.min(left, step * 4) + " more of " + left;
    }
  };
  if (button) {
    button.addEventListener("click", () => {
      const at = list.children.length;
      more(step * 4);
      const next = list.children[at];
      const target = next && (next.querySelector("summary, a") || next);
      if (target) target.focus();
    });
  }
  return {
    show(all) { items = all; shown = 0; list.replaceChildren(); more(step); },
    reach(item) { const at = items.indexOf(item); if (at >= shown) more(at + 1 - shown); return list.children[at]; },
    all(most) { if (shown < most) more(most - shown); return items.length - shown; },
  };
};

// arrows lets the arrow keys walk through the disclosures of a list.
const arrows = (list) => list.addEventListener("keydown", (event) => {
  const steps = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };
  if (!(event.key in steps) || event.target.tagName !== "SUMMARY" || event.target.parentNode.parentNode !== list) return;
  const all = [...list.children].map((d) => d.querySelector("summary")).filter(Boolean);
  const to = Math.max(0, Math.min(all.length - 1, all.indexOf(event.target) + steps[event.key]));
  event.preventDefault();
  all[to].focus();
});

// shortName is the end of a file's name that no other file of the report has.
const shortNames = new Map();
const shortName = (file) => {
  if (!shortNames.size) {
    const ends = new Map();
    const endsOf = (name) => { const parts = name.split("/"); return parts.map((_, i) => parts.slice(parts.length - 1 - i).join("/")); };
    const names = new Set([...report.sources.map((s) => s.file), ...report.findings.map((f) => f.file)]);
    for (const name of names) for (const end of endsOf(name)) ends.set(end, (ends.get(end) || 0) + 1);
    for (const name of names) shortNames.set(name, endsOf(name).find((end) => ends.get(end) === 1) || name);
  }
  return shortNames.get(file) || file;
};
