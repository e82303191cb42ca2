// The page at /_emulator/. What comes from the emulator may hold anything, so it is only ever set as text: elements are
// made by `h`, and there is no markup in strings. The policy of the page (trusted types) would refuse that, too.

const POLL = 1000;
const SLOW_POLL = 5000;

const byId = (id) => document.getElementById(id);
const number = new Intl.NumberFormat("en");

let route = readRoute();
let summary = null;
let paused = false;
// What each place shows, as the text that came, so that nothing is drawn again that did not change.
const shown = new Map();
const tickets = new Map();
// Groups of tables that are closed.
const folded = new Set();
let drawnAt = 0;

// Elements

const ATTRIBUTES = new Set([
  "class", "href", "title", "type", "scope", "colspan", "disabled", "aria-label", "aria-current", "aria-selected",
  "aria-expanded",
]);

function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "key") element.dataset.key = value;
    else if (name === "click") element.addEventListener("click", value);
    else if (!ATTRIBUTES.has(name)) throw new Error(`no attribute ${name}`);
    else if (name === "href" && !value.startsWith("#")) throw new Error("links stay on the page");
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function draw(place, ...children) {
  const focused = document.activeElement?.dataset?.key;
  const inside = place.contains(document.activeElement);
  const scrolled = [place, ...place.querySelectorAll(".scroll")].map((each) => [each.scrollTop, each.scrollLeft]);
  place.replaceChildren(...children.flat(Infinity).filter(Boolean));
  [place, ...place.querySelectorAll(".scroll")].forEach((each, at) => {
    if (scrolled[at]) [each.scrollTop, each.scrollLeft] = scrolled[at];
  });
  if (inside && focused) {
    const again = [...place.querySelectorAll("[data-key]")].find((each) => each.dataset.key === focused);
    again?.focus({ preventScroll: true });
  }
}

function empty(title, text, example) {
  return h("div", { class: "empty" }, h("strong", {}, title), text, example && h("pre", {}, example));
}

// The emulator

async function ask(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const response = await fetch(`${path}?${new URLSearchParams(given)}`, { cache: "no-store" });
  const text = await response.text();
  return { ok: response.ok, text, value: JSON.parse(text) };
}

async function change(method, path, body) {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const value = await response.json();
  if (!response.ok) throw new Error(value.error ?? `HTTP ${response.status}`);
  await poll(true);
}

// Where one is: #/view?a=b

function readRoute() {
  const [view, query] = location.hash.replace(/^#\/?/, "").split("?");
  const known = ["tables", "calls", "journeys", "faults"].includes(view);
  return { view: known ? view : "tables", query: new URLSearchParams(query ?? "") };
}

function link(view, query) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return given.length ? `#/${view}?${new URLSearchParams(given)}` : `#/${view}`;
}

function here(changes) {
  return link(route.view, { ...Object.fromEntries(route.query), ...changes });
}

// Numbers and times

function count(amount, thing) {
  return `${number.format(amount)} ${thing}${amount === 1 ? "" : "s"}`;
}

function time(seconds, parts = { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 }) {
  return new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", ...parts }).format(new Date(seconds * 1000));
}

function duration(seconds) {
  if (seconds < 0.001) return `${(seconds * 1e6).toFixed(0)} µs`;
  if (seconds < 1) return `${(seconds * 1e3).toFixed(seconds < 0.01 ? 1 : 0)} ms`;
  return seconds < 120 ? `${seconds.toFixed(seconds < 10 ? 2 : 0)} s` : `${(seconds / 60).toFixed(1)} min`;
}

function size(bytes) {
  return bytes < 1024 ? `${bytes} bytes` : `${number.format(Math.round(bytes / 102.4) / 10)} KiB`;
}

// Tables

async function showTables(force) {
  const search = byId("tables-search").value;
  await refresh("tables-list", "inspector/tables", { search }, force, drawNames);
  const { project, table, id, offset } = Object.fromEntries(route.query);
  if (id || table) {
    await refresh("rows", "inspector/rows", id ? { id, offset } : { project, table, offset }, force, drawRows);
  } else {
    shown.delete("rows");
    draw(byId("rows"), empty("No table is open", "Choose one on the left: its columns and rows are shown here."));
  }
}

function drawNames(place, { projects, projects_total: total, extruct }) {
  const current = Object.fromEntries(route.query);
  const cut = (all, some) => all > some && h("p", {}, `${number.format(all - some)} more: search to see them`);
  const groups = projects.map(({ slug, name, total: all, tables }) => group(slug, `ZangTable project ${slug}`,
    name === slug ? slug : `${name} (${slug})`, all, [
      tables.map((table) => tableLink(table.name, null, { project: slug, table: table.name },
        current.project === slug && current.table === table.name)),
      cut(all, tables.length),
    ]));
  const own = group("", "Extruct", "Extruct", extruct.total, [
    extruct.tables.map((table) => tableLink(table.name, table.rows, { id: table.id }, current.id === table.id)),
    cut(extruct.total, extruct.tables.length),
  ]);
  draw(place, groups, cut(total, projects.length), own);
}

function group(id, title, name, total, inside) {
  const fold = () => {
    if (!folded.delete(id)) folded.add(id);
    shown.delete("tables-list");
    showTables(false);
  };
  return [
    h("h2", {}, h("button", { type: "button", title, key: `group ${id}`, "aria-expanded": `${!folded.has(id)}`, click: fold },
      h("span", {}, name)), h("em", {}, number.format(total))),
    folded.has(id) ? null : total === 0 ? h("p", {}, "no tables") : inside,
  ];
}

function tableLink(name, rows, query, current) {
  return h("a", { href: link("tables", query), key: link("tables", query), title: name, "aria-current": current && "page" },
    h("span", {}, name || "(no name)"), rows !== null && h("em", { title: "rows" }, number.format(rows)));
}

function drawRows(place, answer, ok) {
  if (!ok) return draw(place, empty("This table is not there", "It was deleted, or never made."));
  const { columns, rows, total, offset, limit } = answer;
  const hidden = answer.columns_total - columns.length;
  const head = h("tr", {}, h("th", { scope: "col", class: "number" }, "#"), columns.map((column) =>
    h("th", { scope: "col" }, column.name, h("small", {}, [column.type, ...column.notes].join(" · ")))));
  const body = (rows ?? []).map((row, at) => h("tr", {},
    h("td", { class: "n" }, number.format(offset + at + 1)), row.map(cell)));
  const few = rows === null ? "The rows took too long to read." : "The table has no rows.";
  const shownTo = offset + body.length;
  const of = total === null ? "very many" : number.format(total);
  return draw(place,
    h("div", { class: "head" }, h("h2", {}, answer.name), answer.label && h("p", {}, answer.label),
      h("div", { class: "facts" }, answer.facts.map((fact) => h("span", {}, fact)),
        h("span", {}, count(answer.columns_total, "column")),
        hidden > 0 && h("span", { class: "pill late" }, `${count(hidden, "column")} not shown`))),
    h("div", { class: "scroll framed" }, h("table", {}, h("thead", {}, head), h("tbody", {}, body)),
      body.length === 0 && empty(offset ? "No rows here" : "Empty", few)),
    h("div", { class: "pager" },
      step("First", offset > 0, here({ offset: null })),
      step("Previous", offset > 0, here({ offset: Math.max(0, offset - limit) || null })),
      step("Next", total === null ? body.length === limit : shownTo < total, here({ offset: offset + limit })),
      h("span", {}, body.length ? `rows ${number.format(offset + 1)} to ${number.format(shownTo)} of ${of}` : total === null ? "very many rows" : count(total, "row"))));
}

function cell(value) {
  if (value === null) return h("td", {}, h("span", { class: "null" }, "null"));
  const text = value.text === "" ? h("span", { class: "null" }, "empty") : h("span", { class: "value" }, value.text);
  return h("td", { class: value.kind === "number" ? "number" : "" },
    value.status && h("span", { class: value.status === "done" ? "pill" : value.status === "failed" ? "pill bad" : "pill late" },
      value.status),
    value.status && value.text === "" ? null : text,
    value.size && h("span", { class: "cutmark" }, `cut: ${number.format(value.size)} characters`));
}

function step(text, possible, href) {
  return h("button", { type: "button", disabled: !possible, key: text, click: () => { location.hash = href; } }, text);
}

// Calls

async function showCalls(force) {
  const search = byId("calls-search").value;
  const failed = byId("calls-failed").checked ? "1" : null;
  await refresh("calls-list", "inspector/calls", { search, failed, before: route.query.get("before") }, force, drawCalls);
}

function drawCalls(place, { calls, before }) {
  const newest = Math.max(0, ...[...place.querySelectorAll("tr[data-key]")].map((row) => Number(row.dataset.key)));
  const searched = byId("calls-search").value || byId("calls-failed").checked;
  const rows = calls.map((call) => h("tr", {
    key: `${call.number}`,
    class: [call.failed && "failed", newest && call.number > newest && "new"].filter(Boolean).join(" "),
    "aria-selected": route.query.get("call") === `${call.number}` && "true",
    click: (event) => { if (!event.target.closest("a")) open(call.number); },
  },
    h("td", { class: "n" }, h("a", { href: here({ call: call.number }), key: `call ${call.number}` }, `${call.number}`)),
    h("td", { class: "soft" }, time(call.at)),
    h("td", {}, h("span", { class: "operation" }, shortName(call)), " ", h("span", { class: "soft" }, serviceOf(call))),
    h("td", { class: "path mono", title: call.path }, `${call.method} ${call.path}`),
    h("td", {}, status(call)),
    h("td", { class: "number soft aside" }, duration(call.seconds)),
    h("td", {}, call.fault && h("span", { class: call.failed ? "pill bad" : "pill late" }, faultOf(call))),
    h("td", { class: "soft aside" }, call.operation_key ?? "")));
  const head = h("tr", {}, [["#", "number"], ["Time, UTC"], ["Operation"], ["Path"], ["Status"], ["Took", "number aside"], ["Fault"],
    ["Key", "aside"]]
    .map(([name, kind]) => h("th", { scope: "col", class: kind }, name)));
  place.classList.toggle("framed", calls.length > 0);
  draw(place, calls.length
    ? h("table", {}, h("thead", {}, head), h("tbody", {}, rows))
    : searched || route.query.get("before")
      ? empty("No such call", "None of the calls that are kept is like that.")
      : empty("No calls yet", "Point a client here, and every call is shown as it comes.", example()));
  draw(byId("calls-pager"),
    (before || route.query.get("before")) && [
      step("Newest", Boolean(route.query.get("before")), here({ before: null })),
      step("Older", before !== null, here({ before })),
    ]);
  byId("calls-note").textContent = searched || !summary ? "" : count(summary.calls, "call");
}

function example() {
  const url = location.origin;
  return `export ZANGTABLE_BASE_URL=${url} ZANGTABLE_API_TOKEN=pat_emulator ZANGTABLE_PROJECT=acme\n`
    + `export EXTRUCT_BASE_URL=${url} EXTRUCT_API_TOKEN=extruct-emulator`;
}

const shortName = (call) => call.operation?.split(".").slice(1).join(".") ?? "unknown";
const serviceOf = (call) => call.operation?.split(".")[0] ?? "";
const faultOf = (call) => call.fault.split(":").slice(1).join(" ");

function status(call) {
  if (call.status === null) return h("span", { class: "pill bad" }, "no answer");
  if (call.lost) return h("span", { class: "pill bad", title: "answered, but the reply was not sent" }, `${call.status} lost`);
  return h("span", { class: call.failed ? "pill bad" : "pill" }, `${call.status}`);
}

// One call

function open(callNumber) {
  location.hash = here({ call: callNumber });
}

async function showDetail(force) {
  const place = byId("detail");
  const wanted = route.query.get("call");
  if (!wanted) {
    shown.delete("detail");
    place.hidden = true;
    return;
  }
  const before = shown.get("detail");
  await refresh("detail", "inspector/call", { number: wanted }, force, drawDetail);
  place.hidden = false;
  if (before === undefined && !force) place.focus({ preventScroll: true });
}

function drawDetail(place, call, ok) {
  const close = h("button", { type: "button", key: "close", "aria-label": "Close", click: closeDetail }, "Close");
  if (!ok) {
    return draw(place, h("header", {}, h("h2", {}, `Call ${route.query.get("call")}`), close), empty("This call is not kept", ""));
  }
  const facts = [
    ["Status", status(call)],
    ["Came in", `${time(call.at, { dateStyle: "medium" })}, ${time(call.at)} UTC`],
    ["Took", duration(call.seconds)],
    ["Fault", call.fault],
    ["Request id", call.request_id],
    ["Operation key", call.operation_key],
    ["Run", call.operation_run_id ?? call.sent_run_id],
  ].filter(([, value]) => value);
  const run = call.operation_run_id ?? call.sent_run_id;
  const { exchange } = call;
  return draw(place,
    h("header", {}, h("h2", {}, `${shortName(call)} `, h("span", { class: "soft" }, `#${call.number}`)), close),
    h("p", { class: "target mono" }, `${call.method} ${call.path}${exchange?.query ? `?${exchange.query}` : ""}`),
    h("dl", {}, facts.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
    run && route.view !== "journeys" && h("p", {}, h("a", { href: link("journeys", { search: run, call: call.number }), key: "journey" }, "Its journey")),
    exchange ? [
      ...message("Request", exchange.request_headers, exchange.request),
      ...message("Reply", exchange.reply_headers, exchange.reply),
    ] : h("p", { class: "soft" }, "What went over the wire is kept for the last calls alone."),
    h("div", { class: "steps" },
      step("Earlier call", call.number > 1, here({ call: call.number - 1 })),
      step("Later call", call.number < (summary?.calls ?? 0), here({ call: call.number + 1 }))));
}

function message(title, headers, body) {
  return [
    h("h3", {}, title),
    h("dl", { class: "mono" }, headers.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
    body.size > 0 && h("pre", {}, body.text),
    h("p", { class: "soft" }, body.size === 0 ? "No body." : size(body.size), body.cut && " ", body.cut && h("span", { class: "pill late" }, "cut")),
  ];
}

function closeDetail() {
  const wanted = route.query.get("call");
  location.hash = here({ call: null });
  const row = [...document.querySelectorAll("section:not([hidden]) [data-key]")].find((each) => each.dataset.key === `call ${wanted}`);
  row?.focus({ preventScroll: true });
}

// Journeys

async function showJourneys(force) {
  await refresh("journeys-list", "inspector/journeys", { search: byId("journeys-search").value }, force, drawJourneys);
}

function drawJourneys(place, { journeys, total, grouped, calls }) {
  byId("journeys-note").textContent = [
    total > journeys.length && `the last ${journeys.length} of ${number.format(total)}`,
    grouped < calls && `of the last ${number.format(grouped)} calls`,
  ].filter(Boolean).join(", ");
  draw(place, journeys.length ? journeys.map(journeyCard) : empty(
    byId("journeys-search").value ? "No such journey" : "No journeys yet",
    "Calls to ZangTable that carry an operation key, or the id of a run, are grouped here on a time line.",
    'async with zang.operation("provision-crm"):\n    await zang.tables.create(...)'));
}

function journeyCard({ key, run_id: run, starts, ends, total, failures, calls }) {
  const span = ends - starts;
  // When no time passed by the emulator's clock, the order is all there is to show.
  const place = (call, at) => span > 0
    ? [(call.at - starts) / span, call.seconds / span]
    : [at / calls.length, 0.9 / calls.length];
  const lanes = Array.from({ length: span > 0 ? 1 + Math.max(...calls.map((call) => call.lane)) : 1 }, () => h("div", { class: "lane" }));
  const current = route.query.get("call");
  calls.forEach((call, at) => {
    const [left, width] = place(call, at);
    const text = `#${call.number} ${shortName(call)} ${call.status === null ? "no answer" : call.status}`
      + `${call.lost ? " lost" : ""}${call.fault ? `, ${faultOf(call)}` : ""}, after ${duration(call.at - starts)}, took ${duration(call.seconds)}`;
    const bar = h("a", {
      href: here({ call: call.number }), key: `call ${call.number}`, title: text, "aria-label": text,
      class: call.failed ? "bad" : call.fault ? "late" : "", "aria-current": current === `${call.number}` && "true",
    });
    bar.style.left = `min(${(left * 100).toFixed(3)}%, 100% - 5px)`;
    bar.style.width = `${(width * 100).toFixed(3)}%`;
    lanes[span > 0 ? call.lane : 0].append(bar);
  });
  const failed = calls.filter((call) => call.failed);
  const numbers = [
    count(total, "call"), span > 0 ? duration(span) : null, time(starts, { dateStyle: "medium", timeStyle: "medium" }),
  ].filter(Boolean).join(" · ");
  return h("article", { class: "journey framed" },
    h("header", {}, h("h2", {}, key ?? "(no operation key)"), h("span", { class: "mono" }, run ?? "no run"),
      failures > 0 && h("span", { class: "pill bad" }, `${number.format(failures)} failed`),
      total > calls.length && h("span", { class: "pill late" }, `the last ${number.format(calls.length)} are drawn`),
      h("span", { class: "numbers" }, numbers)),
    h("div", { class: "line" }, lanes),
    h("div", { class: "axis" }, (span > 0 ? [0, .25, .5, .75, 1] : []).map((part) => h("span", {}, part ? duration(span * part) : "0"))),
    failed.length > 0 && h("ul", { class: "failures", "aria-label": "Failures" }, failed.slice(-30).map((call) =>
      h("li", {}, h("a", { href: here({ call: call.number }), key: `failure ${call.number}` },
        `#${call.number} ${shortName(call)} ${call.status ?? "no answer"}${call.lost && call.status !== null ? " lost" : ""}`)))));
}

// Faults

async function showFaults(force) {
  await refresh("faults-list", "inspector/faults", {}, force, drawFaults);
}

function drawFaults(place, { faults, operations }) {
  const rules = byId("fault-rules");
  if (!rules.childElementCount) {
    rules.append(...operations.map((name) => {
      const option = document.createElement("option");
      option.value = `${name}:after:drop:times=1`;
      return option;
    }));
  }
  byId("faults-clear").disabled = faults.length === 0;
  place.classList.toggle("framed", faults.length > 0);
  draw(place, faults.length
    ? h("table", {},
      h("thead", {}, h("tr", {}, ["Operation", "When", "What", "Options"].map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, faults.map((fault) => h("tr", {},
        h("td", { class: "mono" }, fault.operation), h("td", {}, `${fault.when} the effect`),
        h("td", {}, h("span", { class: "pill late" }, fault.what)),
        h("td", { class: "mono" }, Object.entries(fault.options).map(([name, value]) => `${name}=${value}`).join("  "))))))
    : empty("No rule is in force", "Every call is answered. A rule makes calls go wrong: before they do anything, or after they "
      + "did it, when only the reply is lost.", "zangtable.create_*:after:drop:p=0.05\nextruct.*:before:throttle:retry_after=2:times=3"));
}

async function tryTo(action) {
  const problem = byId("fault-error");
  try {
    await action();
    problem.hidden = true;
    return true;
  } catch (error) {
    problem.textContent = error.message;
    problem.hidden = false;
    return false;
  }
}

// Live

async function refresh(id, path, query, force, drawIt) {
  const ticket = (tickets.get(id) ?? 0) + 1;
  tickets.set(id, ticket);
  const answer = await ask(path, query);
  // Something else was asked for meanwhile.
  if (tickets.get(id) !== ticket) return;
  const place = byId(id);
  const now = JSON.stringify([query, [...route.query], answer.text]);
  if (shown.get(id) === now) return;
  // Who is copying something keeps what he has marked.
  const selection = getSelection();
  if (!force && shown.has(id) && selection.type === "Range" && place.contains(selection.anchorNode)) return;
  shown.set(id, now);
  drawIt(place, answer.value, answer.ok);
}

const VIEWS = { tables: showTables, calls: showCalls, journeys: showJourneys, faults: showFaults };

async function show(force) {
  for (const view of Object.keys(VIEWS)) byId(view).hidden = view !== route.view;
  for (const each of document.querySelectorAll("nav [data-view]")) {
    if (each.dataset.view === route.view) each.setAttribute("aria-current", "page");
    else each.removeAttribute("aria-current");
  }
  drawnAt = Date.now();
  await VIEWS[route.view](force);
  await showDetail(force);
}

function say(state, text) {
  byId("live").dataset.state = state;
  byId("live").textContent = text;
}

async function poll(force) {
  try {
    const { value } = await ask("inspector/summary");
    const same = summary && ["instance", "calls", "clearings", "faults", "projects", "tables", "extruct_tables"]
      .every((name) => summary[name] === value[name]);
    summary = value;
    byId("count-tables").textContent = number.format(value.tables + value.extruct_tables);
    byId("count-calls").textContent = number.format(value.calls);
    byId("count-faults").textContent = value.faults ? number.format(value.faults) : "";
    byId("clock").textContent = `${time(value.now, { hour: "2-digit", minute: "2-digit", second: "2-digit" })} UTC`;
    // Rows can change without a call, as time goes by.
    if (!same || force || Date.now() - drawnAt > SLOW_POLL) await show(force);
    say(paused ? "paused" : "live", paused ? "paused" : "live");
  } catch (error) {
    if (!(error instanceof TypeError) && !(error instanceof SyntaxError)) throw error;
    say("gone", "no answer");
  }
}

async function live() {
  try {
    if (!paused && !document.hidden) await poll(false);
  } finally {
    setTimeout(live, POLL);
  }
}

async function navigate() {
  route = readRoute();
  const fields = { "journeys-search": "search", "calls-search": "search" };
  for (const [id, name] of Object.entries(fields)) {
    if (id.startsWith(route.view) && route.query.has(name)) byId(id).value = route.query.get(name);
  }
  await show(false);
}

// A search goes back to the newest calls.
function search() {
  if (route.view === "calls" && route.query.get("before")) location.hash = here({ before: null });
  else show(true);
}

addEventListener("hashchange", navigate);
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !byId("confirm").open && route.query.get("call")) closeDetail();
});
document.querySelector(".skip").addEventListener("click", (event) => {
  // The address tells where one is, so it must stay.
  event.preventDefault();
  byId("main").focus();
});
for (const id of ["tables-search", "calls-search", "journeys-search"]) byId(id).addEventListener("input", search);
byId("calls-failed").addEventListener("change", search);
for (const form of document.querySelectorAll("form")) form.addEventListener("submit", (event) => event.preventDefault());
byId("fault-form").addEventListener("submit", async () => {
  const rule = byId("fault-rule");
  if (await tryTo(() => change("POST", "faults", { fault: rule.value }))) rule.value = "";
});
byId("faults-clear").addEventListener("click", () => tryTo(() => change("DELETE", "faults")));
byId("pause").addEventListener("click", () => {
  paused = !paused;
  byId("pause").setAttribute("aria-pressed", `${paused}`);
  byId("pause").textContent = paused ? "Go on" : "Pause";
  say(paused ? "paused" : "live", paused ? "paused" : "live");
  if (!paused) poll(true);
});
byId("reset").addEventListener("click", () => byId("confirm").showModal());
byId("confirm-no").addEventListener("click", () => byId("confirm").close());
byId("confirm-yes").addEventListener("click", async () => {
  byId("confirm").close();
  await tryTo(() => change("POST", "reset", {}));
});

live();
