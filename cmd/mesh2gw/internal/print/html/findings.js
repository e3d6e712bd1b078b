// Findings, put together by rule: a thousand objects say a dozen things.

let findings, findingHay = [], openRules = new Set(), only = "";
const severities = ["error", "warning", "note"];

const hayOfFinding = (i) => {
  const f = findings[i];
  return findingHay[i] || (findingHay[i] = [f.id, f.severity, f.title, f.message, f.hint, f.object, f.field, f.file].join("\n").toLowerCase());
};

const instance = (i, hint) => {
  const f = findings[i];
  return el("li", {}, placeLink(f), " ", el("span", { class: "object" }, f.object, f.field ? " " : "", el("code", {}, f.field)),
    el("p", {}, f.message), f.hint && f.hint !== hint ? el("p", { class: "hint" }, el("b", {}, "Way out: "), f.hint) : null);
};

// groupsOf puts findings with one rule and severity together.
const groupsOf = (indexes) => {
  const by = new Map();
  for (const i of indexes) {
    const f = findings[i], key = f.id + " " + f.severity;
    if (!by.has(key)) by.set(key, { key, first: f, all: [], hint: f.hint });
    const g = by.get(key);
    g.all.push(i);
    if (g.hint !== f.hint) g.hint = "";
  }
  return [...by.values()].sort((a, b) => severities.indexOf(a.first.severity) - severities.indexOf(b.first.severity) || b.all.length - a.all.length || (a.key < b.key ? -1 : 1));
};

const groupBody = (group) => {
  const list = el("ol", { class: "instances" }), button = el("button", { type: "button", hidden: true });
  group.pages = paged(list, button, 25, (i) => instance(i, group.hint));
  group.pages.show(group.all);
  return el("div", { class: "body" }, group.hint ? el("p", { class: "hint" }, el("b", {}, "Way out: "), group.hint) : null, list, el("p", {}, button));
};

const groupItem = (group, open) => {
  const { id, severity, title } = group.first;
  const item = lazily(el("details", { class: "rule" }, el("summary", {}, badge(severity), el("span", { class: "id" }, id),
    el("span", { class: "name" }, title), el("span", { class: "n" }, String(group.all.length)))), () => groupBody(group));
  item.group = group;
  if (open) { item.fillBody(); item.open = true; }
  item.addEventListener("toggle", () => { if (item.open) openRules.add(group.key); else openRules.delete(group.key); });
  return item;
};

const matching = () => {
  const all = words(controls.search.get()), picked = only ? new Set(only.split(",").map(Number)) : null;
  const now = Object.fromEntries(["group", "rule", "namespace", "file"].map((k) => [k, controls[k].get()]));
  const some = [];
  findings.forEach((f, i) => {
    if (picked && !picked.has(i)) return;
    if (!chosen("severity", f.severity) || (now.group && f.group !== now.group) || (now.rule && f.id !== now.rule)) return;
    if ((now.namespace && namespaceOf(f) !== now.namespace) || (now.file && f.file !== now.file)) return;
    if (holds(hayOfFinding(i), all)) some.push(i);
  });
  return some;
};

const namespaceOf = (f) => f.namespace || "(none)";

const fewFindings = 12; // are shown at once, without a click

const filterFindings = () => {
  const some = matching(), groups = groupsOf(some);
  const filtered = some.length < findings.length;
  $("findings-list").replaceChildren(...groups.map((g) => groupItem(g, openRules.has(g.key) || (filtered && (some.length <= fewFindings || groups.length === 1)))));
  $("findings-shown").textContent = findings.length ? `${some.length} of ${count(findings.length, "finding")}, ${count(groups.length, "rule")}` : "";
  if (!some.length) $("findings-list").append(el("p", { class: "none" }, findings.length ? "No finding is like that." : "There are no findings."));
  if (only) $("findings-shown").append(": those that the link is about");
};

const startFindings = () => {
  findings = report.findings;
  const changed = () => { openRules = new Set(); filterFindings(); keep("findings"); say($("findings-shown").textContent); };
  const form = document.querySelector("[data-filter=findings]");
  bindSearch($("search"), changed);
  const by = new Map(tally(findings, (f) => f.severity));
  bindChips(form.querySelector("[data-key=severity]"), severities.map((s) => [s, by.get(s) || 0]), changed);
  const choices = (key, name) => bindSelect(form.querySelector(`[data-key=${key}]`), tally(findings, name).map(([v, n]) => [v, `${v} (${n})`]), changed);
  choices("group", (f) => f.group);
  const titles = new Map(findings.map((f) => [f.id, f.title]));
  bindSelect(form.querySelector("[data-key=rule]"), tally(findings, (f) => f.id).map(([v, n]) => [v, `${v} ${titles.get(v)} (${n})`]), changed);
  choices("namespace", namespaceOf);
  choices("file", (f) => f.file);
  controls.only = { get: () => only, set: (v) => { only = v; } };
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    for (const key of ["search", "severity", "group", "rule", "namespace", "file", "only"]) controls[key].set("");
    changed();
    $("search").focus();
  });
  filterOf.findings = filterFindings;
  arrows($("findings-list"));
};
