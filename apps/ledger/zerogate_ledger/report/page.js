"use strict";
// Filters and orders the table, and saves what is shown. The page is whole without it.
(() => {
  const table = document.querySelector(".breaks");
  if (!table) return;
  const get = (id) => document.querySelector(`#${id}`);
  const [search, kind, currency, age, sort] = ["search", "kind", "currency", "age", "sort"].map(get);
  const none = document.querySelector(".none");
  const rows = [...table.tBodies];
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const ages = [...age.options].map((option) => option.value);

  // ── What is shown ──────────────────────────────────────────────────────────────────────────────
  const fits = (row, words) =>
    (!kind.value || row.dataset.classes.split(" ").includes(kind.value)) &&
    (!currency.value || row.dataset.currency.split("|").includes(currency.value)) &&
    (!age.value || row.dataset.age === age.value) &&
    words.every((word) => texts.get(row).includes(word));
  const show = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row) => {
      row.hidden = !fits(row, words);
      shown += row.hidden ? 0 : 1;
    });
    get("count").textContent = `${shown.toLocaleString("en")} of ${rows.length.toLocaleString("en")}`;
    none.hidden = shown > 0;
    table.hidden = shown === 0;
    get("save").disabled = shown === 0;
  };

  // ── In which order ─────────────────────────────────────────────────────────────────────────────
  // As whole numbers of 10⁻¹⁸: a number of the script's own would lose digits.
  const size = (text) => {
    const [whole, part = ""] = text.replace("-", "").split(".");
    return text ? BigInt(whole + part.padEnd(18, "0")) : -1n;
  };
  const down = (one, other) => (one < other ? 1 : one > other ? -1 : 0);
  const ways = {
    difference: (row) => size(row.dataset.difference),
    amount: (row) => size(row.dataset.amount),
    // Where nothing says an age it is in no order, and comes last.
    age: (row) => BigInt(row.dataset.age === "unknown age" ? -1 : ages.indexOf(row.dataset.age)),
  };
  const names = new Map(rows.map((row) => [row, row.querySelector(".id").textContent]));
  const order = () => {
    const ordered = [...rows];
    const way = ways[sort.value];
    if (way) {
      const sizes = new Map(rows.map((row) => [row, way(row)]));
      ordered.sort((one, other) => down(sizes.get(one), sizes.get(other)));
    } else if (sort.value === "order") {
      ordered.sort((one, other) => -down(names.get(one), names.get(other)));
    }
    table.append(...ordered);
  };

  // ── What is saved ──────────────────────────────────────────────────────────────────────────────
  const sides = (row) =>
    [...row.querySelectorAll(".both > div")].flatMap((side) => {
      const name = side.querySelector("h3").textContent.toLowerCase();
      return [...side.querySelectorAll("dt")].map((term) => [
        `${name}_${term.textContent.replaceAll(" ", "_")}`,
        term.nextElementSibling.textContent,
      ]);
    });
  const cells = (row) => {
    const [first, ...others] = row.dataset.classes.split(" ");
    return new Map([
      ["class", first],
      ["other_differences", others.join(" ")],
      ["amount_difference", row.dataset.difference],
      ["age", row.dataset.age],
      ...sides(row),
      ["note", row.dataset.note],
    ]);
  };
  // A spreadsheet takes a cell that begins so for a formula, and runs it.
  const safe = (cell) =>
    /^[=+\-@\t\r\n＝＋－＠]/.test(cell) && !/^-?[0-9]+(\.[0-9]+)?$/.test(cell) ? `'${cell}` : cell;
  const quoted = (cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  const save = () => {
    const shown = [...table.tBodies].filter((row) => !row.hidden).map(cells);
    const header = ["class", "other_differences", "amount_difference", "age"];
    for (const side of ["ledger_", "gate_"]) {
      const found = shown.flatMap((row) => [...row.keys()].filter((name) => name.startsWith(side)));
      header.push(...new Set(found));
    }
    header.push("note");
    const lines = shown.map((row) => header.map((name) => quoted(safe(row.get(name) ?? ""))));
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
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== search) {
      event.preventDefault();
      search.focus();
    }
  });
  document.querySelector(".tools").hidden = false;
  show();
})();
