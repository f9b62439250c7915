/* The multiverse: choose a path, and the verdict answers. Reads the numbers that the page carries. */
(() => {
  "use strict";
  const root = document.getElementById("multiverse");
  const source = document.getElementById("mv-data");
  if (!root || !source) return;
  const data = JSON.parse(source.textContent);
  const find = (name) => root.querySelector(`#mv-${name}`);
  const space = document.getElementById("mv-curve").namespaceURI;
  const HEIGHT = 220, ROW = 15, TOP = 12, LEFT = 112;
  const percent = (share) => `${(100 * share).toFixed(share > 0 && share < 0.1 ? 1 : 0)}%`;
  const signed = (value) => (value < 0 ? "−" : "+") + Math.abs(value).toFixed(2);
  let claim, selects;

  function draw(parent, name, attributes, text) {
    const made = document.createElementNS(space, name);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    if (text !== undefined) made.textContent = text;
    parent.append(made);
    return made;
  }

  function option(select, value, text) {
    const made = document.createElement("option");
    made.value = value;
    made.textContent = text;
    select.append(made);
  }

  function choose(name) {
    claim = data.claims[name];
    claim.order = claim.effect.map((_, k) => k).sort((a, b) => claim.effect[a] - claim.effect[b] || a - b);
    const place = find("levels");
    place.replaceChildren();
    selects = claim.choices.map((choice) => {
      const label = document.createElement("label"), select = document.createElement("select");
      label.append(choice.name, select);
      select.dataset.choice = choice.name;
      option(select, -1, "any");
      choice.levels.forEach((level, k) => option(select, k, level));
      select.addEventListener("change", show);
      place.append(label);
      return select;
    });
    show();
  }

  function fitting() {
    const wanted = selects.map((select) => Number(select.value));
    return claim.effect.map((_, path) => wanted.every((level, c) => level < 0 || claim.levels[c][path] === level));
  }

  function interval(effect) {
    const half = claim.quantile * Math.sqrt((1 - effect * effect) / (claim.pairs - 1));
    return `${signed(effect - half)} to ${signed(effect + half)}`;
  }

  function sentence(fits) {
    const paths = fits.flatMap((fit, k) => (fit ? [k] : []));
    const out = find("said"), all = claim.effect.length;
    if (!paths.length) {
      out.dataset.support = "no";
      out.textContent = "No path of the list makes these choices together: the list was thinned, or the choices exclude each other. Set one of them to any.";
      return;
    }
    const support = paths.filter((k) => claim.supports[k]).length;
    const whole = ` Of all ${all} paths ${percent(claim.share)} support ${claim.name}; under A/A, chance gives ${percent(claim.low)} to ${percent(claim.high)}. Its word: ${claim.word}.`;
    out.dataset.support = support * 2 >= paths.length ? "yes" : "no";
    if (paths.length === 1) {
      const k = paths[0], effect = claim.effect[k];
      out.textContent = `This path ${support ? "supports" : "does not support"} the claim (${claim.words}): effect ${signed(effect)} (95% interval ${interval(effect)}), p ${claim.p[k]}${k === 0 ? "; it is the registered path" : ""}.${whole}`;
      return;
    }
    const mean = paths.reduce((sum, k) => sum + claim.effect[k], 0) / paths.length;
    out.textContent = `${paths.length} of ${all} paths fit, and ${support} of them (${percent(support / paths.length)}) support the claim (${claim.words}); mean effect ${signed(mean)}.${paths.length < all ? whole : whole.replace(/^ Of all .*?; u/, " U")}`;
  }

  function chart(fits) {
    const svg = find("curve"), width = Math.max(300, svg.clientWidth || 680);
    const rows = claim.choices.reduce((sum, choice) => sum + choice.levels.length + 0.4, 0);
    const below = TOP + HEIGHT + 18, height = below + rows * ROW + 4;
    svg.replaceChildren();
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.setAttribute("height", height);
    const n = claim.order.length;
    const x = (rank) => LEFT + 6 + ((width - LEFT - 12) * rank) / Math.max(n - 1, 1);
    const y = (effect) => TOP + (HEIGHT * (1 - effect)) / 2;
    [1, 0.5, 0, -0.5, -1].forEach((tick) => {
      draw(svg, "text", { x: LEFT - 6, y: y(tick) + 4, "text-anchor": "end" }, tick === 0 ? "0" : signed(tick).replace(/0$/, "").replace(/\.0$/, ""));
    });
    draw(svg, "text", { x: 0, y: TOP + 4 }, "effect");
    draw(svg, "path", { class: "mv-axis", d: `M${LEFT} ${y(1)}V${y(-1)}M${LEFT} ${y(0)}H${width}` });
    draw(svg, "path", { class: "mv-least", d: `M${LEFT} ${y(claim.least)}H${width}` });
    claim.order.forEach((path, rank) => {
      if (!fits[path]) draw(svg, "circle", { class: "mv-other", cx: x(rank), cy: y(claim.effect[path]), r: 2 });
    });
    claim.order.forEach((path, rank) => {
      const kind = claim.supports[path] ? "mv-yes" : "mv-no";
      if (fits[path]) draw(svg, "circle", { class: kind, cx: x(rank), cy: y(claim.effect[path]), r: 2.5 });
    });
    const first = claim.order.indexOf(0);
    draw(svg, "circle", { class: "mv-ring", cx: x(first), cy: y(claim.effect[0]), r: 6 });
    let line = below;
    claim.choices.forEach((choice, c) => {
      choice.levels.forEach((level, k) => {
        const marks = { "mv-other": "", "mv-yes": "", "mv-no": "" };
        claim.order.forEach((path, rank) => {
          if (claim.levels[c][path] !== k) return;
          const kind = !fits[path] ? "mv-other" : claim.supports[path] ? "mv-yes" : "mv-no";
          marks[kind] += `M${x(rank).toFixed(1)} ${line + 2}v${ROW - 5}`;
        });
        for (const kind in marks) if (marks[kind]) draw(svg, "path", { class: kind, d: marks[kind] });
        draw(svg, "text", { x: LEFT - 6, y: line + ROW - 4, "text-anchor": "end" }, level);
        if (k === 0) draw(svg, "text", { class: "mv-choice", x: 0, y: line + ROW - 4 }, choice.name);
        line += ROW;
      });
      line += 0.4 * ROW;
    });
    const fit = fits.filter(Boolean).length;
    svg.setAttribute("aria-label", `Specification curve of ${claim.name}: effects of ${n} paths in order, from ${signed(claim.effect[claim.order[0]])} to ${signed(claim.effect[claim.order[n - 1]])}; ${fit} fit the choices; below, the choices of each path.`);
  }

  function show() {
    const fits = fitting();
    sentence(fits);
    chart(fits);
  }

  const which = find("claim");
  Object.entries(data.claims).forEach(([name, one]) => option(which, name, `${name}: ${one.words}`));
  which.value = data.first;
  which.addEventListener("change", () => choose(which.value));
  find("registered").addEventListener("click", () => {
    selects.forEach((select, c) => { select.value = claim.levels[c][0]; });
    show();
  });
  find("all").addEventListener("click", () => {
    selects.forEach((select) => { select.value = -1; });
    show();
  });
  root.classList.remove("mv-waiting");
  choose(which.value);
  let width = root.clientWidth;
  new ResizeObserver(() => {
    if (root.clientWidth !== width) { width = root.clientWidth; chart(fitting()); }
  }).observe(root);
  root.dataset.ready = "yes";
})();
