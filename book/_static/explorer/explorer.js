/* The explorer: what is chosen, and what follows from it. It draws numbers, and computes none but
   the degrees and how many bars are alive. */
(() => {
  "use strict";
  const started = performance.now();
  const root = document.getElementById("explorer");
  const index = window.FUNCNET_EXPLORER_INDEX;
  const draw = window.FUNCNET_DRAWING;
  if (!root || !index || !draw) return;
  const $ = (id) => document.getElementById(`fx-${id}`);
  const folder = new URL("data/", document.currentScript.src).href;
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const MEASURES = [
    ["C", "clustering", "clustering", "C_rand"],
    ["T", "transitivity", "transitivity"],
    ["L", "path length", "characteristic_path_length", "L_rand"],
    ["E<sub>glob</sub>", "global efficiency", "global_efficiency"],
    ["E<sub>loc</sub>", "local efficiency", "local_efficiency"],
    ["Q", "modularity", "modularity"],
    ["σ", "small-worldness", "sigma"],
  ];
  const state = { data: "", arm: "", net: 0, step: 0, eps: 0, colour: "layer", layout: "map", unit: null };
  let record, before, entry, drawn, moveBars, movePoints, places, playing = 0, speaking = 0, asked = 0;

  /* Data: a script for each arm, run once. */
  const loaded = new Map();
  window.FUNCNET_EXPLORER = { push: (content) => loaded.set(`${content.dataset}.${content.arm}`, content) };
  const waiting = new Map();
  function load(data, arm) {
    const key = `${data}.${arm}`;
    if (!waiting.has(key)) {
      waiting.set(key, new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = `${folder}${encodeURIComponent(key)}.js`;
        script.onload = () => resolve(loaded.get(key));
        script.onerror = () => { waiting.delete(key); reject(new Error(key)); };
        document.head.append(script);
      }));
    }
    return waiting.get(key);
  }

  const format = (value, digits = 3) => (value === null || value === undefined ? "–" : value.toFixed(digits).replace("-", "−"));
  const data = (value, digits) => `<data value="${value ?? ""}">${format(value, digits)}</data>`;
  const percent = (share) => `${+(100 * share).toFixed(2)}%`;
  const densities = () => entry.densities;
  const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

  function choices(select, list, chosen) {
    select.replaceChildren(...list.map(([value, text]) => new Option(text, value, false, `${value}` === `${chosen}`)));
  }

  /* The state lives in the address, so a view can be linked. */
  function write() {
    const view = { data: state.data, arm: state.arm, net: state.net, density: +(100 * densities()[state.step]).toFixed(2), eps: state.eps.toFixed(3) };
    for (const [name, plain] of [["colour", "layer"], ["layout", "map"], ["unit", null]]) {
      if (state[name] !== plain) view[name] = state[name];
    }
    try { history.replaceState(null, "", `#${new URLSearchParams(view)}`); } catch { /* some viewers forbid it */ }
  }

  function read(text) {
    const view = new URLSearchParams(text);
    const dataset = index.datasets.find((d) => d.name === (view.get("data") ?? state.data)) ?? index.datasets[0];
    entry = dataset.arms.find((a) => a.arm === (view.get("arm") ?? state.arm)) ?? dataset.arms.find((a) => a.arm === "vanilla") ?? dataset.arms[0];
    const net = +(view.get("net") ?? state.net);
    const density = view.has("density") ? view.get("density") / 100 : entry.density;
    const eps = view.has("eps") ? Math.min(1, Math.max(0, +view.get("eps") || 0)) : null;
    const unit = view.get("unit");
    Object.assign(state, {
      data: dataset.name,
      arm: entry.arm,
      net: entry.networks.includes(net) ? net : entry.networks[0],
      step: d3.leastIndex(densities(), (d) => Math.abs(d - (density || entry.density))),
      colour: view.get("colour") === "module" ? "module" : "layer",
      layout: view.get("layout") === "ring" ? "ring" : "map",
      unit: /^\d+$/.test(unit ?? "") ? +unit : null,
    });
    return eps;
  }

  function controls() {
    const dataset = index.datasets.find((d) => d.name === state.data);
    entry = dataset.arms.find((a) => a.arm === state.arm);
    choices($("data"), index.datasets.map((d) => [d.name, d.title]), state.data);
    choices($("arm"), dataset.arms.map((a) => [a.arm, a.title]), state.arm);
    choices($("net"), entry.networks.map((k) => [k, k]), state.net);
    $("colour").value = state.colour;
    $("layout").value = state.layout;
    $("density").max = densities().length - 1;
    const last = densities().length - 1;
    root.querySelector(".fx-ticks").replaceChildren(...densities().map((d, k) => {
      const tick = document.createElement("span");
      tick.textContent = +(100 * d).toFixed(1);
      tick.style.left = `${(100 * k) / last}%`;
      return tick;
    }));
    root.style.setProperty("--fx-color", entry.color);
    $("source").textContent = `${dataset.title}; hidden layers ${entry.hidden.join("-")}, ${plural(entry.n_epochs, "epoch")}, ${entry.n_null} rewired graphs each; configuration ${entry.hash}`;
  }

  /* Load what is chosen, then draw. eps = null: follow the density. */
  async function choose(eps = null) {
    const turn = ++asked;
    root.setAttribute("aria-busy", "true");
    const dataset = index.datasets.find((d) => d.name === state.data);
    const hasBefore = dataset.arms.some((a) => a.arm === "untrained");
    try {
      const [own, control] = await Promise.all([load(state.data, state.arm), hasBefore ? load(state.data, "untrained") : null]);
      if (turn !== asked) return;
      record = draw.unpack(own.networks.find((r) => r.network === state.net));
      before = control?.networks.find((r) => r.network === state.net);
    } catch (fault) {
      root.removeAttribute("aria-busy");
      $("live").textContent = `The file of ${fault.message} could not be read.`;
      root.classList.remove("fx-waiting");
      return;
    }
    if (state.unit !== null && state.unit >= record.n) state.unit = null;
    root.classList.remove("fx-waiting");
    controls();
    $("unit").max = record.n - 1;
    $("unit").value = state.unit ?? "";
    places = state.layout === "ring" ? record.ring : record;
    rows();
    resize();
    setDensity(state.step, eps);
    answers();
    root.removeAttribute("aria-busy");
    root.dataset.ready = (performance.now() - started).toFixed(0);
  }

  function resize() {
    moveBars = draw.bars($("bars"), record.diagrams);
    movePoints = draw.points($("points"), record.diagrams);
  }

  function path(values, x, y) {
    let pen = "M";
    return values.map((v, k) => {
      if (v === null) { pen = "M"; return ""; }
      const piece = `${pen}${x(k).toFixed(1)},${y(v).toFixed(1)}`;
      pen = "L";
      return piece;
    }).join("");
  }

  /* The table with its small curves is written once a network; the density moves only its numbers. */
  function rows() {
    const last = densities().length - 1;
    const x = d3.scaleLinear([0, last], [2, 98]);
    root.querySelector(".fx-measures tbody").innerHTML = MEASURES.map(([symbol, name, key, random]) => {
      const own = record.measures[key];
      const nulls = key === "sigma" ? own.map(() => 1) : random ? record.measures[random] : [];
      const old = before?.measures[key].slice(0, last + 1) ?? [];
      const span = d3.extent([...own, ...nulls, ...old].filter((v) => v !== null));
      const y = d3.scaleLinear(span[0] === span[1] ? [span[0] - 1, span[0] + 1] : span, [27, 3]);
      record.measures[key].y = y;
      return `<tr data-measure="${key}"><th scope="row"><i>${symbol}</i> <span>${name}</span></th><td></td><td></td><td></td>
        <td><div class="fx-curve"><svg viewBox="0 0 100 30" preserveAspectRatio="none" aria-hidden="true"><g fill="none">
        <path class="fx-before" d="${path(old, x, y)}"/><path class="fx-null" d="${path(nulls, x, y)}"/><path class="fx-own" d="${path(own, x, y)}"/></g></svg></div></td></tr>`;
    }).join("");
    const names = Object.keys(record.measures);
    root.querySelector(".fx-scroll").innerHTML = `<table><caption class="fx-hidden">Measures of ${entry.title}, network ${state.net}, at each density</caption>
      <thead><tr><th scope="col">density</th>${densities().map((d) => `<th scope="col">${percent(d)}</th>`).join("")}</tr></thead><tbody>
      <tr><th scope="row">edges</th>${record.n_edges.map((c) => `<td>${c}</td>`).join("")}</tr>
      ${names.map((name) => `<tr><th scope="row">${name}</th>${record.measures[name].map((v) => `<td>${v === null ? "–" : +v.toFixed(12)}</td>`).join("")}</tr>`).join("")}</tbody></table>`;
  }

  function setDensity(step, eps = null) {
    state.step = step;
    state.eps = eps ?? 1 - record.threshold[step];
    const density = densities()[step];
    const at = (key) => record.measures[key]?.[step];
    $("density").value = step;
    $("density").style.setProperty("--at", step / (densities().length - 1));
    $("density").setAttribute("aria-valuetext", percent(density));
    $("density-out").textContent = percent(density);
    for (const [, , key, random] of MEASURES) {
      const row = root.querySelector(`[data-measure="${key}"]`);
      const cells = row.querySelectorAll("td");
      cells[0].innerHTML = data(at(key)) + (key === "sigma" ? ` <small>± ${data(at("sigma_sd"))}</small>` : "");
      cells[1].innerHTML = random ? data(at(random)) : key === "sigma" ? "1" : "";
      cells[2].innerHTML = before ? data(before.measures[key][step]) : "";
      dot(cells[3].querySelector("svg"), step, at(key), record.measures[key].y);
    }
    const pairs = (record.n * (record.n - 1)) / 2;
    root.querySelector(".fx-facts").innerHTML = [
      ["units", record.n + (record.n_dead ? ` <small>(${record.n_dead} dead)</small>` : "")],
      ["edges", `<data id="fx-edges" value="${record.n_edges[step]}">${record.n_edges[step]}</data> <small>of ${pairs}</small>`],
      ["connected pairs", percent(at("connected_share"))],
      ["longest path", at("diameter")],
    ].map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join("");
    const degree = draw.degrees(record, record.n_edges[step]);
    draw.matrix($("corr"), record, step);
    const most = draw.histogram($("hist"), record, degree, density, index.layer_colors);
    label($("corr"), `Matrix of the correlations of ${record.n} units by layer; ${record.n_edges[step]} pairs are edges`);
    label($("hist"), `Degrees of ${record.n} units: mean ${format(d3.mean(degree), 1)}, least ${d3.min(degree)}, most ${most}`);
    network();
    setFiltration(state.eps);
    clearTimeout(speaking);
    speaking = setTimeout(speak, 400);
  }

  function dot(svg, step, value, y) {
    const x = d3.scaleLinear([0, densities().length - 1], [2, 98])(step);
    let mark = svg.nextElementSibling;
    if (!mark) {
      mark = document.createElement("span");
      mark.className = "fx-at";
      svg.after(mark);
    }
    mark.hidden = value === null;
    mark.style.left = `${x}%`;
    mark.style.top = `${value === null ? 0 : (100 * y(value)) / 30}%`;
  }

  const alive = ([births, deaths], eps) => births.reduce((sum, b, k) => sum + (b <= eps && eps < deaths[k]), 0);

  function setFiltration(eps) {
    state.eps = eps;
    const [h0, h1] = record.diagrams;
    const components = alive(h0, eps) + 1, loops = alive(h1, eps);
    $("eps").value = eps;
    $("eps").style.setProperty("--at", eps);
    $("eps").setAttribute("aria-valuetext", `${format(eps)}: ${plural(components, "component")}, ${plural(loops, "loop")}`);
    $("eps-out").textContent = format(eps);
    $("betti").innerHTML = `<span><span class="fx-swatch fx-h0"></span><data value="${components}">${plural(components, "component")}</data></span> <span><span class="fx-swatch fx-h1"></span><data value="${loops}">${plural(loops, "loop")}</data></span>`;
    moveBars(eps);
    movePoints(eps);
    label($("bars"), `Barcode of ${h0[0].length} merging components and ${h1[0].length} loops; at ${format(eps)}, ${components} components and ${loops} loops are alive`);
    label($("points"), `Persistence diagram: ${plural(h0[0].length, "point")} of components at birth 0 and ${plural(h1[0].length, "point")} of loops`);
    joined();
    write();
  }

  function joined() {
    const { count } = draw.graph($("grow"), record, state, index.layer_colors, places, true);
    label($("grow"), `All pairs with 1 − |r| up to ${format(state.eps)}, about ${count} edges`);
  }

  const label = (element, text) => element.setAttribute("aria-label", text);

  function network() {
    drawn = draw.graph($("graph"), record, state, index.layer_colors, places);
    $("net-note").textContent = `at density ${percent(densities()[state.step])}: ${record.n_edges[state.step]} edges`;
    const kinds = state.colour === "module" ? d3.max(record.modules) + 1 : entry.hidden.length;
    const palette = state.colour === "module" ? draw.modules() : index.layer_colors;
    $("legend").innerHTML = d3.range(Math.min(kinds, palette.length)).map((k) => `<span><span class="fx-swatch" style="--c:${palette[k]}"></span>${state.colour} ${k + 1}</span>`).join("");
    const v = state.unit;
    $("unit-note").textContent = v === null ? "" : `unit ${v}: layer ${record.layers[v] + 1}, module ${record.modules[v] + 1}, ${plural(drawn.degree[v], "edge")}`;
    label($("graph"), `Functional network of ${entry.title}, network ${state.net}, ${$("net-note").textContent}; coloured by ${state.colour}. ${$("unit-note").textContent}`);
  }

  function speak() {
    const at = (key) => format(record.measures[key][state.step], 2);
    $("live").textContent = `${entry.title}, network ${state.net}, density ${percent(densities()[state.step])}, ${record.n_edges[state.step]} edges: clustering ${at("clustering")}, rewired ${at("C_rand")}; path length ${at("characteristic_path_length")}, rewired ${at("L_rand")}; global efficiency ${at("global_efficiency")}; local efficiency ${at("local_efficiency")}; modularity ${at("modularity")}; small-worldness ${at("sigma")} plus or minus ${at("sigma_sd")}.`;
  }

  /* Answers to the tasks come from the numbers of the chosen network. */
  function answers() {
    const at = (r, key, k = state.step) => format(r.measures[key][k], 2);
    const last = densities().length - 1;
    const name = `${entry.title}, network ${state.net}`;
    const put = (key, text) => document.querySelectorAll(`[data-answer="${key}"]`).forEach((p) => (p.textContent = text));
    put("sweep", `For ${name}, from ${percent(densities()[0])} to ${percent(densities()[last])}: C goes from ${at(record, "clustering", 0)} to ${at(record, "clustering", last)}, its rewired value from ${at(record, "C_rand", 0)} to ${at(record, "C_rand", last)}, and σ from ${at(record, "sigma", 0)} to ${at(record, "sigma", last)}. σ is a ratio to a null that depends on the density.`);
    const k = densities().indexOf(entry.density);
    put("trained", !before || state.arm === "untrained" ? "Choose a trained arm, and the comparison is written here." : `At ${percent(entry.density)}, ${name} has Q = ${at(record, "modularity", k)} and σ = ${at(record, "sigma", k)}; before training the same network had Q = ${at(before, "modularity", k)} and σ = ${at(before, "sigma", k)}.`);
    const h1 = record.diagrams[1];
    if (!h1[0].length) return put("loops", `${name} has no loops.`);
    const best = d3.greatest(h1[0], (eps) => alive(h1, eps));
    put("loops", `${name}: ${h1[0].length} loops in all, at most ${alive(h1, best)} at a time, at 1 − |r| = ${format(best)}; the longest lives ${format(d3.max(h1[0], (b, i) => h1[1][i] - b))}.`);
  }

  /* One drawing a frame, however fast the slider moves. */
  let frame = 0, task = null;
  function soon(work) {
    task = work;
    frame ||= requestAnimationFrame(() => { frame = 0; task(); });
  }

  function stop() {
    cancelAnimationFrame(playing);
    clearTimeout(playing);
    playing = 0;
    $("play").setAttribute("aria-pressed", "false");
    $("play").querySelector("span").textContent = "Play";
    $("play").querySelector("path").setAttribute("d", "M4 2l10 6-10 6z");
  }

  function play() {
    if (playing) return stop();
    const end = Math.min(1, (d3.max(record.diagrams.flatMap((d) => d[1])) ?? 0.95) + 0.03);
    let eps = state.eps >= end - 0.01 ? 0 : state.eps, last = null;
    $("play").setAttribute("aria-pressed", "true");
    $("play").querySelector("span").textContent = "Pause";
    $("play").querySelector("path").setAttribute("d", "M3 2h4v12H3zM9 2h4v12H9z");
    const next = (time) => {
      eps = Math.min(end, eps + (still.matches ? 0.05 : last === null ? 0 : Math.min(time - last, 100) / 9000));
      last = time;
      setFiltration(eps);
      if (eps >= end) return stop();
      playing = still.matches ? setTimeout(next, 900) : requestAnimationFrame(next);
    };
    playing = still.matches ? setTimeout(next, 0) : requestAnimationFrame(next);
  }

  /* Units glide to their new places, unless motion is unwelcome. */
  function glide(target) {
    const from = { x: [...places.x], y: [...places.y] };
    if (still.matches) { places = target; network(); return joined(); }
    const begin = performance.now();
    const next = (time) => {
      const t = Math.min(1, Math.max(0, time - begin) / 500), ease = t * t * (3 - 2 * t);
      places = t === 1 ? target : { x: from.x.map((v, k) => v + (target.x[k] - v) * ease), y: from.y.map((v, k) => v + (target.y[k] - v) * ease) };
      network();
      joined();
      if (t < 1) requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  }

  function mark(unit) {
    state.unit = unit;
    $("unit").value = unit ?? "";
    network();
    joined();
    write();
  }

  root.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
  for (const name of ["data", "arm", "net"]) {
    $(name).addEventListener("change", (event) => {
      stop();
      read(new URLSearchParams({ ...Object.fromEntries(new URLSearchParams(location.hash.slice(1))), [name]: event.target.value }));
      choose();
    });
  }
  $("colour").addEventListener("change", (event) => { state.colour = event.target.value; network(); joined(); write(); });
  $("layout").addEventListener("change", (event) => { state.layout = event.target.value; glide(state.layout === "ring" ? record.ring : record); write(); });
  $("unit").addEventListener("input", (event) => { const v = event.target.value; mark(/^\d+$/.test(v) && +v < record.n ? +v : null); });
  $("density").addEventListener("input", (event) => { stop(); const step = +event.target.value; soon(() => setDensity(step)); });
  $("eps").addEventListener("input", (event) => { stop(); const eps = +event.target.value; soon(() => setFiltration(eps)); });
  $("play").addEventListener("click", play);
  $("graph").addEventListener("click", (event) => {
    const box = $("graph").getBoundingClientRect();
    const far = (v) => Math.hypot(drawn.x[v] - event.clientX + box.left + 1, drawn.y[v] - event.clientY + box.top + 1);
    const v = d3.least(d3.range(record.n), far);
    mark(far(v) < 18 && v !== state.unit ? v : null);
  });
  $("link").addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(location.href);
      $("link").textContent = "Copied";
    } catch { $("link").textContent = "The address of the page is the link"; }
    setTimeout(() => ($("link").textContent = "Copy a link to this view"), 2500);
  });
  document.querySelectorAll(".fx-tasks [data-state]").forEach((button) => button.addEventListener("click", () => {
    stop();
    choose(read(`data=${state.data}&${button.dataset.state}`)).then(() => {
      (button.dataset.focus === "play" ? $("filtration-title") : root).scrollIntoView({ behavior: still.matches ? "auto" : "smooth" });
      $(button.dataset.focus).focus({ preventScroll: true });
    });
  }));
  addEventListener("hashchange", () => { if (location.hash.includes("arm=")) { stop(); choose(read(location.hash.slice(1))); } });
  new ResizeObserver(() => { if (record) soon(() => { resize(); setDensity(state.step, state.eps); }); }).observe(root);
  new MutationObserver(() => { if (record) soon(() => setDensity(state.step, state.eps)); })
    .observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });

  choose(read(location.hash.slice(1)));
})();
