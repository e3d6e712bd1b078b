// The address keeps what the reader chose: #findings?severity=error&search=retry.

const controls = {}; // key -> { get(): string, set(string) }
const filterOf = {}; // name of a form -> what to do after a change

const readAddress = () => {
  const [section, query] = location.hash.slice(1).split(/\?(.*)/s);
  return { section, values: new URLSearchParams(query || "") };
};

const link = (section, values) => "#" + section + "?" + new URLSearchParams(Object.entries(values).map(([k, v]) => [k, String(v)]));

// keep writes the choices into the address without a step in the history.
const keep = (section) => {
  const values = new URLSearchParams();
  for (const [key, control] of Object.entries(controls)) if (control.get()) values.set(key, control.get());
  const query = values.toString();
  history.replaceState(null, "", "#" + section + (query ? "?" + query : ""));
};

// bindSearch, bindSelect and bindChips connect the parts of a filter.
const bindSearch = (input, changed) => {
  controls[input.dataset.key] = { get: () => input.value.trim(), set: (v) => { input.value = v; } };
  input.addEventListener("input", changed);
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !input.value) return;
    event.preventDefault();
    input.value = "";
    changed();
  });
};

const bindSelect = (select, options, changed) => {
  select.append(el("option", { value: "" }, "All"));
  for (const [value, text] of options) select.append(el("option", { value }, text));
  controls[select.dataset.key] = {
    get: () => select.value,
    set: (v) => { select.value = v; if (select.selectedIndex < 0) select.value = ""; },
  };
  select.addEventListener("change", changed);
};

const bindChips = (fieldset, options, changed) => {
  const boxes = options.map(([value, n]) => {
    const box = el("input", { type: "checkbox", value });
    box.addEventListener("change", changed);
    fieldset.append(el("label", { class: "chip " + stateClass(value) }, box, sign(value), states[value][2] + " ", el("span", { class: "n" }, String(n))));
    return box;
  });
  controls[fieldset.dataset.key] = {
    get: () => boxes.filter((b) => b.checked).map((b) => b.value).join(","),
    set: (v) => { const on = v.split(","); for (const b of boxes) b.checked = on.includes(b.value); },
  };
};

// tally counts items by what key says of them, ordered by name.
const tally = (items, key) => {
  const by = new Map();
  for (const item of items) by.set(key(item), (by.get(key(item)) || 0) + 1);
  return [...by].sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
};

// words cuts a search into words that all have to be there.
const words = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);
const holds = (hay, all) => all.every((word) => hay.includes(word));

// chosen tells whether value is among those chosen; no choice takes all.
const chosen = (key, value) => {
  const now = controls[key].get();
  return !now || now.split(",").includes(value);
};

// follow does what the address says. Without a question mark it is a way to a
// section, and leaves the choices alone, as a way to a line does.
const follow = () => {
  const { section, values } = readAddress();
  if (section === "files") return showFiles(values);
  if (!values.size) return;
  for (const [key, control] of Object.entries(controls)) control.set(values.get(key) || "");
  for (const refresh of Object.values(filterOf)) refresh();
  if (values.has("open")) openHost(Number(values.get("open")));
  else if ($(section)) $(section).scrollIntoView();
};
