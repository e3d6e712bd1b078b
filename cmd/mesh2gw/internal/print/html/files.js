// The input and the output side by side. Lines are made in pieces when they come
// near the screen: an input may have a hundred thousand.

const piece = 200, rowHeight = 20;
const panes = {};
let fromSource; // file -> row -> [{object, line}]
let findingsAt; // file -> row -> [index of finding]

const push = (map, a, b, value) => {
  if (!map.has(a)) map.set(a, new Map());
  const inner = map.get(a);
  if (!inner.has(b)) inner.set(b, []);
  inner.get(b).push(value);
};

const indexFiles = () => {
  fromSource = new Map();
  findingsAt = new Map();
  report.objects.forEach((object, i) => {
    for (const m of object.lines) push(fromSource, m.place.file, m.place.row || m.place.line, { object: i, line: m.line });
    if (object.origin) push(fromSource, object.origin.file, object.origin.row || object.origin.line, { object: i, line: 1 });
  });
  report.findings.forEach((f, i) => push(findingsAt, f.file, f.row || f.line, i));
};

const keyed = /^(\s*(?:- +)*)([^\s:#'"{[][^:#]*:)(\s.*|)$/s;

// painted sets keys and comments of YAML off; anything else stays as it is.
const painted = (text) => {
  if (/^\s*#/.test(text)) return [el("span", { class: "comment" }, text)];
  const parts = keyed.exec(text);
  return parts ? [parts[1], el("span", { class: "key" }, parts[2]), parts[3]] : [text];
};

// newPane shows lines; decorate gives the link and the mark of a row.
const newPane = (node) => {
  const pane = { node, lines: [], decorate: null, current: 0 };
  const seen = new IntersectionObserver((entries) => {
    for (const e of entries) if (e.isIntersecting) pane.fillPiece(e.target);
  }, { root: node, rootMargin: "800px" });
  pane.row = (i) => {
    const { href, title, mark } = pane.decorate(i + 1);
    const number = href ? el("a", { class: "no", href, title }, String(i + 1)) : el("span", { class: "no" }, String(i + 1));
    return el("div", { class: "line" + (i + 1 === pane.current ? " current" : "") + (href ? " linked" : "") }, number, mark || el("span", { class: "mark" }), el("span", { class: "text" }, painted(pane.lines[i])));
  };
  pane.fillPiece = (part) => {
    if (part.full) return;
    part.full = true;
    seen.unobserve(part);
    part.replaceChildren(...pane.lines.slice(part.from, part.from + piece).map((_, i) => pane.row(part.from + i)));
    part.style.height = "";
  };
  pane.show = (lines, decorate) => {
    seen.disconnect();
    pane.lines = lines;
    pane.decorate = decorate;
    const parts = [];
    for (let from = 0; from < lines.length; from += piece) {
      const part = el("div", { class: "piece" });
      part.from = from;
      part.style.height = Math.min(piece, lines.length - from) * rowHeight + "px";
      parts.push(part);
    }
    node.replaceChildren(...parts);
    parts.slice(0, 1).forEach(pane.fillPiece);
    parts.forEach((part) => seen.observe(part));
  };
  pane.go = (line) => {
    pane.current = line;
    for (const old of node.querySelectorAll(".current")) old.classList.remove("current");
    const part = node.children[Math.floor((line - 1) / piece)];
    if (!line || !part) return;
    pane.fillPiece(part);
    const row = part.children[(line - 1) % piece];
    row.classList.add("current");
    node.scrollTop = (line - 1) * rowHeight - node.clientHeight / 3;
  };
  pane.fillAll = () => [...node.children].forEach(pane.fillPiece);
  return pane;
};

const linesOf = (text) => { const all = text.split("\n"); if (all.length > 1 && all.at(-1) === "") all.pop(); return all; };

const markOf = (indexes) => {
  if (!indexes) return null;
  const worst = severities.find((s) => indexes.some((i) => report.findings[i].severity === s));
  const ids = [...new Set(indexes.map((i) => report.findings[i].id))].join(", ");
  return el("a", { class: "mark " + stateClass(worst), href: link("findings", { only: indexes.join(",") }), title: ids, "aria-label": `${worst}: ${ids}` }, states[worst][1]);
};

const showSource = (index) => {
  const source = report.sources[index];
  if (!source || panes.source.shown === index) return;
  panes.source.shown = index;
  $("source-name").value = String(index);
  const to = fromSource.get(source.file) || new Map(), found = findingsAt.get(source.file) || new Map();
  panes.source.show(linesOf(source.text), (row) => {
    const all = to.get(row), mark = markOf(found.get(row));
    if (!all) return { mark };
    const best = all.find((t) => t.object === panes.object.shown) || all[0];
    return { mark, href: link("files", { source: source.file, row, object: best.object, line: best.line }), title: "Becomes " + all.slice(0, 5).map((t) => objectName(report.objects[t.object]) + ":" + t.line).join(", ") };
  });
};

const showObject = (index) => {
  const object = report.objects[index];
  if (!object || panes.object.shown === index) return;
  panes.object.shown = index;
  $("object-name").value = String(index);
  const from = new Map(object.lines.map((m) => [m.line, m.place]));
  if (object.origin && !from.has(1)) from.set(1, object.origin);
  panes.object.show(linesOf(object.yaml), (line) => {
    const place = from.get(line);
    return place ? { href: link("files", { source: place.file, row: place.row || place.line, object: index, line }), title: `From ${place.file}:${place.line}` } : {};
  });
};

// showFiles follows a link to a line on one side, or on both.
const showFiles = (values) => {
  openFiles();
  if (values.has("object")) showObject(Number(values.get("object")));
  if (values.has("source")) showSource(report.sources.findIndex((s) => s.file === values.get("source")));
  let row = Number(values.get("row")), line = Number(values.get("line"));
  const object = report.objects[panes.object.shown], source = report.sources[panes.source.shown];
  if (!values.has("source") && object) {
    const mapped = object.lines.findLast((m) => m.line <= line) || (object.origin && { place: object.origin });
    const at = mapped ? report.sources.findIndex((s) => s.file === mapped.place.file) : -1;
    if (at >= 0) { showSource(at); row = mapped.place.row || mapped.place.line; }
  } else if (!values.has("object") && source) {
    const to = ((fromSource.get(source.file) || new Map()).get(row) || [])[0];
    if (to) { showObject(to.object); line = to.line; }
  }
  panes.source.go(row);
  panes.object.go(line);
  $("files").scrollIntoView();
};

// openFiles prepares the section when it is first needed.
const openFiles = () => {
  if (fromSource) return;
  indexFiles();
  panes.source = newPane($("source"));
  panes.object = newPane($("object"));
  report.sources.forEach((s, i) => $("source-name").append(el("option", { value: String(i) }, s.file)));
  report.objects.forEach((o, i) => $("object-name").append(el("option", { value: String(i) }, objectName(o))));
  $("source-name").addEventListener("change", () => showSource(Number($("source-name").value)));
  $("object-name").addEventListener("change", () => showObject(Number($("object-name").value)));
  const route = Math.max(0, report.objects.findIndex((o) => o.lines.length));
  showObject(route);
  const from = report.objects[route] && report.objects[route].origin;
  showSource(Math.max(0, report.sources.findIndex((s) => from && s.file === from.file)));
};

const startFiles = () => {
  const near = new IntersectionObserver((entries) => {
    if (!entries.some((e) => e.isIntersecting)) return;
    near.disconnect();
    openFiles();
  }, { rootMargin: "600px" });
  near.observe($("files"));
};
