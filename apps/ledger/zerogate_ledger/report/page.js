"use strict";
// Filters and orders the stories, and saves what is shown. The page is whole without it.
(() => {
  const list = document.querySelector(".stories");
  if (!list) return;
  const get = (id) => document.querySelector(`#${id}`);
  const [search, kind, currency, age, sort] = ["search", "kind", "currency", "age", "sort"].map(get);
  const none = document.querySelector(".none");
  const stories = [...list.children];
  // Read once: what is asked of a story later is asked of these.
  const cases = new Map(stories.map((story) => [story, [...story.querySelectorAll(".cases > li")]]));
  const texts = new Map(stories.map((story) => [story, story.textContent.toLowerCase()]));
  const ages = [...age.options].map((option) => option.value);

  // ── What is shown ──────────────────────────────────────────────────────────────────────────────
  // A payment is shown whole where one of its breaks fits; what is saved are the breaks that fit.
  const fits = ({ dataset }) =>
    (!kind.value || `${dataset.classes} ${dataset.levels}`.split(" ").includes(kind.value)) &&
    (!currency.value || dataset.currency.split("|").includes(currency.value)) &&
    (!age.value || dataset.age === age.value);
  let ordered = stories;
  let shown = stories;
  let laid = stories.length;
  let coming = 0;
  // A story that is left out leaves the page. To hide it where it stands costs a browser 13 ms for each of
  // them (1,421 stories took Chromium 156 18 s), and all of them are laid out again when they come back: so a
  // screenful comes at once and the rest behind it, a part in each frame.
  const AT_ONCE = 60;
  const PART = 200;
  const lay = (until) => {
    list.append(...shown.slice(laid, until));
    laid = Math.min(until, shown.length);
    const more = laid < shown.length;
    list.setAttribute("aria-busy", String(more));
    coming = more ? requestAnimationFrame(() => lay(laid + PART)) : 0;
  };
  const show = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = ordered.filter(
      (story) => words.every((word) => texts.get(story).includes(word)) && cases.get(story).some(fits),
    );
    get("count").textContent = `${wanted.length.toLocaleString("en")} of ${stories.length.toLocaleString("en")}`;
    if (wanted.length === shown.length && wanted.every((story, place) => story === shown[place])) return;
    shown = wanted;
    cancelAnimationFrame(coming);
    laid = 0;
    list.replaceChildren();
    lay(AT_ONCE);
    none.hidden = shown.length > 0;
    list.hidden = shown.length === 0;
    get("save").disabled = shown.length === 0;
  };

  // ── In which order ─────────────────────────────────────────────────────────────────────────────
  // As whole numbers of 10⁻¹⁸: a number of the script's own would lose digits.
  const size = (text) => {
    const [whole, part = ""] = text.replace("-", "").split(".");
    return text ? BigInt(whole + part.padEnd(18, "0")) : -1n;
  };
  const down = (one, other) => (one < other ? 1 : one > other ? -1 : 0);
  const ways = {
    difference: ({ dataset }) => size(dataset.difference),
    amount: ({ dataset }) => size(dataset.amount),
    // Where nothing says an age it is in no order, and comes last.
    age: ({ dataset }) => BigInt(dataset.age === "unknown age" ? -1 : ages.indexOf(dataset.age)),
  };
  const order = () => {
    ordered = [...stories];
    const way = ways[sort.value];
    if (way) {
      const sizes = new Map(stories.map((story) => [story, way(story)]));
      ordered.sort((one, other) => down(sizes.get(one), sizes.get(other)));
    } else if (sort.value === "order") {
      ordered.sort((one, other) => -down(one.dataset.order, other.dataset.order));
    }
    show();
  };

  // ── What is saved ──────────────────────────────────────────────────────────────────────────────
  const side = (story, name, place) =>
    [...story.querySelectorAll("table")].flatMap((table) => {
      const column = [...table.tHead.rows[0].cells].findIndex((head) => head.dataset.side === place);
      return column < 1
        ? []
        : [...table.tBodies[0].rows]
            .filter((row) => !row.cells[column].classList.contains("nothing"))
            .map((row) => [`${name}_${row.dataset.field}`, row.cells[column].textContent]);
    });
  const cells = (story, { dataset }) => {
    const [first, ...others] = dataset.classes.split(" ");
    return new Map([
      ["class", first],
      ["other_differences", others.join(" ")],
      ["amount_difference", dataset.difference],
      ["age", dataset.age],
      ...side(story, "ledger", dataset.ledger),
      ...side(story, "gate", dataset.gate),
      ["note", dataset.note],
    ]);
  };
  // A spreadsheet takes a cell that begins so for a formula, and runs it.
  const safe = (cell) =>
    /^[=+\-@\t\r\n＝＋－＠]/.test(cell) && !/^-?[0-9]+(\.[0-9]+)?$/.test(cell) ? `'${cell}` : cell;
  const quoted = (cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  const save = () => {
    const rows = shown.flatMap((story) => cases.get(story).filter(fits).map((one) => cells(story, one)));
    const header = ["class", "other_differences", "amount_difference", "age"];
    for (const side of ["ledger_", "gate_"]) {
      const found = rows.flatMap((row) => [...row.keys()].filter((name) => name.startsWith(side)));
      header.push(...new Set(found));
    }
    header.push("note");
    const lines = rows.map((row) => header.map((name) => quoted(safe(row.get(name) ?? ""))));
    const text = [header, ...lines].map((line) => line.join(",")).join("\n");
    const link = document.createElement("a");
    // With a mark of its encoding, by which spreadsheets know it.
    link.href = URL.createObjectURL(new Blob(["\ufeff", text, "\n"], { type: "text/csv" }));
    link.download = "breaks-shown.csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  };

  let waiting = 0;
  search.addEventListener("input", () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(show);
  });
  for (const choice of [kind, currency, age]) choice.addEventListener("change", show);
  sort.addEventListener("change", order);
  get("save").addEventListener("click", save);
  addEventListener("beforeprint", () => lay(shown.length));
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== search) {
      event.preventDefault();
      search.focus();
    }
  });
  document.querySelector(".tools").hidden = false;
  show();
})();
