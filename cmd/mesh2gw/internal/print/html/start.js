let report;

const unpack = async () => {
  const bytes = Uint8Array.from(atob(JSON.parse($("data").textContent)), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
};

const startTheme = () => {
  const root = document.documentElement;
  // Some browsers give a page from disk no storage.
  try { const kept = localStorage.getItem("mesh2gw-theme"); if (kept) root.dataset.theme = kept; } catch { /* follow the system */ }
  $("theme").addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    try { localStorage.setItem("mesh2gw-theme", root.dataset.theme); } catch { /* for this visit */ }
    say(root.dataset.theme + " theme");
  });
};

// startKeys makes "/" go to the search of the list that is on the screen.
const startKeys = () => document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  event.preventDefault();
  const { top, bottom } = $("hosts").getBoundingClientRect();
  const inHosts = top < innerHeight / 2 && bottom > innerHeight / 2;
  (inHosts ? document.querySelector("[data-key=host]") : $("search")).focus();
});

// startContents marks the section that is on the screen.
const startContents = () => {
  const links = [...document.querySelectorAll(".toc a")];
  const sections = links.map((a) => $(a.hash.slice(1)));
  const mark = () => {
    let now = 0;
    sections.forEach((s, i) => { if (s.getBoundingClientRect().top < innerHeight / 3) now = i; });
    links.forEach((a, i) => { if (i === now) a.setAttribute("aria-current", "true"); else a.removeAttribute("aria-current"); });
  };
  let due = false;
  addEventListener("scroll", () => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => { due = false; mark(); });
  }, { passive: true });
  mark();
};

const startTables = () => {
  const hint = (h) => rowOf({}, el("th", { role: "rowheader", scope: "row" }, h.service), cell("Setting", h.setting), cell("Today", h.value), cell("To do", h.advice), cell("Place", h.place ? placeLink(h.place) : null));
  const accepted = (a) => rowOf({}, el("th", { role: "rowheader", scope: "row" }, badge(a.severity), " " + a.id, el("small", {}, a.title)),
    cell("Place", placeLink(a), el("small", {}, a.object)), cell("By", a.by), cell("Reason", a.reason || el("span", { class: "none" }, "none given")));
  const unlisted = (u) => rowOf({}, el("td", { role: "cell" }, badge(u.status)), el("th", { role: "rowheader", scope: "row" }, u.object, el("small", {}, u.field)), cell("Place", placeLink(u.place)),
    cell("Why", u.findings.map((i) => el("div", {}, el("a", { href: link("findings", { only: i }) }, report.findings[i].id), " " + report.findings[i].title))));
  const asks = report.hints.flatMap((h) => h.asks.map((a) => ({ ...a, service: h.namespace ? h.service + "." + h.namespace : h.service })));
  return [["unlisted", report.unlisted, unlisted], ["hints", asks, hint], ["accepted", report.accepted, accepted]].filter(([name]) => $(name + "-list")).map(([name, all, make]) => {
    const pages = paged($(name + "-list"), $(name + "-more"), 100, make);
    pages.show(all);
    return pages;
  });
};

// startLinks turns what the page names without the script into links.
const startLinks = () => {
  for (const a of document.querySelectorAll("a[data-namespace]")) {
    a.href = link("findings", { namespace: a.dataset.namespace || "(none)", ...(a.dataset.rule ? { rule: a.dataset.rule } : {}) });
  }
  for (const code of document.querySelectorAll("code[data-file]")) {
    code.replaceWith(el("a", { class: "place", href: link("files", { source: code.dataset.file, row: code.dataset.line }), title: code.dataset.file }, shortName(code.dataset.file) + code.textContent.slice(code.dataset.file.length)));
  }
  for (const pre of document.querySelectorAll("pre.command")) pre.replaceWith(copyable(pre.textContent));
};

const mostPrinted = 1500, mostLines = 3000; // of findings, and of the two panes

// startPrint shows on paper what the screen hides, as far as a reader would want it.
const startPrint = (tables) => {
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [];
    hostPages.all(Infinity);
    const many = hosts.length > 60;
    const open = (d) => { if (!d.open) { if (d.fillBody) d.fillBody(); d.open = true; opened.push(d); } };
    [...$("hosts-list").querySelectorAll("details.host")].forEach((d) => { if (!many || !d.querySelector(".badge.ok")) open(d); });
    let room = mostPrinted;
    for (const d of $("findings-list").querySelectorAll("details.rule")) {
      open(d);
      if (!d.group.pages) continue;
      d.group.pages.all(Math.max(10, Math.min(room, d.group.all.length)));
      room -= d.group.all.length;
    }
    document.querySelectorAll(".kinds, .card details, details.card, td details").forEach(open);
    for (const t of tables) t.all(Infinity);
    openFiles();
    for (const name of ["source", "object"]) {
      const select = $(name + "-name"), chosenNow = select.selectedOptions[0];
      $(name + "-paper").textContent = chosenNow ? `${chosenNow.textContent} (${select.selectedIndex + 1} of ${select.options.length}, as chosen on the screen)` : "";
    }
    const lines = panes.source.lines.length + panes.object.lines.length;
    if (lines <= mostLines) { panes.source.fillAll(); panes.object.fillAll(); }
  });
  addEventListener("afterprint", () => { for (const d of opened) d.open = false; });
  $("print").addEventListener("click", () => print());
};

const start = async () => {
  report = await unpack();
  for (const node of document.querySelectorAll(".plain-only")) node.remove();
  for (const node of document.querySelectorAll(".js")) node.hidden = false;
  startTheme();
  startKeys();
  startContents();
  startHosts();
  startFindings();
  startFiles();
  startLinks();
  const tables = startTables();
  startPrint(tables);
  addEventListener("hashchange", follow);
  for (const refresh of Object.values(filterOf)) refresh();
  follow();
  document.documentElement.dataset.ready = "true";
  performance.mark("usable");
};

start();
