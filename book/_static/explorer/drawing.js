/* Drawings of the explorer: each function takes an element, a network and the state, and draws. */
window.FUNCNET_DRAWING = (() => {
  "use strict";
  const MODULES = ["#56B4E9", "#E69F00", "#CC79A7", "#009E73", "#D55E00", "#0072B2", "#B8A900"];
  const VIRIDIS = d3
    .scaleLinear()
    .domain(d3.range(9).map((k) => (255 * k) / 8))
    .range(["#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725"]);
  const LUT = d3.range(256).map((k) => d3.rgb(VIRIDIS(k)));
  const NIGHT = { "#0072B2": "#4DA3DD" };
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const dark = () => document.documentElement.dataset.theme === "dark";

  const modules = () => (dark() ? MODULES.map((c) => NIGHT[c] ?? c) : MODULES);

  function binary(text) {
    const bytes = new Uint8Array(text.length / 2);
    for (let k = 0; k < bytes.length; k++) bytes[k] = parseInt(text.slice(2 * k, 2 * k + 2), 16);
    return bytes;
  }

  /* Unpack a record once: pairs of edges, bytes of the matrix, degrees by density. */
  function unpack(record) {
    if (record.heads) return record;
    const { n } = record;
    const bytes = binary(record.edges).buffer;
    const places = record.edge_bytes === 2 ? new Uint16Array(bytes) : new Uint32Array(bytes);
    const starts = new Uint32Array(n);
    for (let i = 1; i < n; i++) starts[i] = starts[i - 1] + n - i;
    const heads = new Uint16Array(places.length);
    const tails = new Uint16Array(places.length);
    places.forEach((place, e) => {
      const i = d3.bisectRight(starts, place, 0, n - 1) - 1;
      heads[e] = i;
      tails[e] = place - starts[i] + i + 1;
    });
    record.matrixBytes = binary(record.matrix);
    record.growth = growth(n, record.matrixBytes);
    record.order = d3.range(n).sort((a, b) => record.layers[a] - record.layers[b] || record.modules[a] - record.modules[b] || a - b);
    record.ring = ring(record);
    return Object.assign(record, { heads, tails });
  }

  /* All pairs by falling weight, for the filtration; ends[b] counts the pairs of at least b/255. */
  function growth(n, bytes) {
    const ends = new Uint32Array(257);
    for (const b of bytes) ends[b]++;
    for (let b = 255; b >= 0; b--) ends[b] += ends[b + 1];
    const filled = Uint32Array.from(ends);
    const heads = new Uint16Array(bytes.length);
    const tails = new Uint16Array(bytes.length);
    for (let i = 0, p = 0; i < n; i++) {
      for (let j = i + 1; j < n; j++, p++) {
        const place = filled[bytes[p] + 1]++;
        heads[place] = i;
        tails[place] = j;
      }
    }
    return { heads, tails, ends };
  }

  /* Places on a circle: layer by layer, modules side by side within a layer. */
  function ring({ n, layers, order }) {
    const gap = 0.02 * n;
    const total = n + gap * (layers[n - 1] + 1);
    const places = { x: new Array(n), y: new Array(n) };
    order.forEach((node, k) => {
      const angle = (2 * Math.PI * (k + gap * layers[node])) / total - Math.PI / 2;
      places.x[node] = 500 + 490 * Math.cos(angle);
      places.y[node] = 500 + 490 * Math.sin(angle);
    });
    return places;
  }

  function degrees({ n, heads, tails }, count) {
    const degree = new Uint16Array(n);
    for (let e = 0; e < count; e++) {
      degree[heads[e]]++;
      degree[tails[e]]++;
    }
    return degree;
  }

  function canvas(element) {
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    const side = Math.max(1, Math.round(element.clientWidth));
    if (element.width !== side * ratio) element.width = element.height = side * ratio;
    const context = element.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, side, side);
    return { context, side };
  }

  /* Edges in use: those of the density, or all pairs that the filtration has joined. */
  function edgesOf(record, state, joined) {
    if (joined) {
      const least = Math.max(0, Math.ceil(255 * (1 - state.eps) - 1e-9));
      return { ...record.growth, count: record.growth.ends[least] };
    }
    return { heads: record.heads, tails: record.tails, count: record.n_edges[state.step] };
  }

  function graph(element, record, state, colors, places, joined = false) {
    const { context, side } = canvas(element);
    const margin = 14;
    const size = (side - 2 * margin) / 1000;
    const x = places.x.map((v) => margin + v * size);
    const y = places.y.map((v) => margin + v * size);
    const group = state.colour === "module" ? record.modules : record.layers;
    const { heads, tails, count } = edgesOf(record, state, joined);
    const palette = state.colour === "module" ? modules() : colors;
    const middle = side / 2;
    const curved = state.layout === "ring" ? 0.55 : 0;
    const marked = state.unit;
    const base = dark() ? 0.5 : 0.42;
    const alpha = Math.max(0.06, Math.min(base, (base * 420) / (count + 1)) * (marked === null ? 1 : 0.35));
    const trace = (e) => {
      const a = heads[e], b = tails[e];
      context.moveTo(x[a], y[a]);
      if (curved) {
        const cx = (x[a] + x[b]) / 2, cy = (y[a] + y[b]) / 2;
        context.quadraticCurveTo(cx + (middle - cx) * curved, cy + (middle - cy) * curved, x[b], y[b]);
      } else context.lineTo(x[b], y[b]);
    };
    const buckets = new Map();
    for (let e = 0; e < count; e++) {
      const g = group[heads[e]];
      const key = g === group[tails[e]] ? g % palette.length : -1;
      if (!buckets.has(key)) buckets.set(key, []);
      buckets.get(key).push(e);
    }
    context.lineWidth = count > 3000 ? 0.6 : 0.9;
    for (const [key, list] of [...buckets].sort((a, b) => a[0] - b[0])) {
      context.strokeStyle = key < 0 ? (dark() ? "#aab2bd" : "#5b6470") : palette[key];
      context.globalAlpha = key < 0 ? alpha * 0.75 : alpha;
      for (let start = 0; start < list.length; start += 40) {
        context.beginPath(); // short paths: faster, and crossing lines add up
        for (let k = start; k < Math.min(start + 40, list.length); k++) trace(list[k]);
        context.stroke();
      }
    }
    context.globalAlpha = 1;
    const degree = degrees({ n: record.n, heads, tails }, count);
    const near = new Set([marked]);
    if (marked !== null) {
      context.beginPath();
      for (let e = 0; e < count; e++) {
        if (heads[e] !== marked && tails[e] !== marked) continue;
        trace(e);
        near.add(heads[e]).add(tails[e]);
      }
      context.strokeStyle = css("--pst-color-text-base");
      context.lineWidth = 1.1;
      context.stroke();
    }
    const unit = (side / 560) * Math.sqrt(150 / record.n);
    context.strokeStyle = css("--pst-color-background");
    for (let v = 0; v < record.n; v++) {
      context.globalAlpha = marked === null || near.has(v) ? 1 : 0.3;
      context.beginPath();
      const radius = unit * (2.6 + 0.85 * Math.sqrt(Math.min(degree[v], 30)));
      context.arc(x[v], y[v], radius, 0, 2 * Math.PI);
      context.fillStyle = palette[group[v] % palette.length];
      context.fill();
      context.lineWidth = 1;
      context.stroke();
      if (v === marked) {
        context.beginPath();
        context.arc(x[v], y[v], radius + 2.5, 0, 2 * Math.PI);
        context.save();
        context.strokeStyle = css("--pst-color-text-base");
        context.lineWidth = 2;
        context.stroke();
        context.restore();
      }
    }
    context.globalAlpha = 1;
    return { x, y, degree, count };
  }

  function matrix(element, record, step) {
    const { n, heads, tails, matrixBytes } = record;
    if (element.width !== n) element.width = element.height = n;
    const context = element.getContext("2d");
    const image = context.createImageData(n, n);
    const cell = new Uint16Array(n); // row of each unit: layer by layer, modules side by side
    record.order.forEach((node, k) => (cell[node] = k));
    const kept = new Uint8Array(n * n);
    for (let e = 0; e < record.n_edges[step]; e++) {
      const a = cell[heads[e]], b = cell[tails[e]];
      kept[Math.max(a, b) * n + Math.min(a, b)] = 1;
    }
    const on = d3.rgb(dark() ? "#e8ecf1" : "#1b2530"), off = d3.rgb(dark() ? "#252b34" : "#eef1f4");
    const put = (i, j, { r, g, b }) => image.data.set([r, g, b, 255], 4 * (i * n + j));
    for (let i = 0, p = 0; i < n; i++) {
      put(i, i, off);
      for (let j = i + 1; j < n; j++, p++) {
        const low = Math.min(cell[i], cell[j]), high = Math.max(cell[i], cell[j]);
        put(low, high, LUT[matrixBytes[p]]);
        put(high, low, kept[high * n + low] ? on : off);
      }
    }
    context.putImageData(image, 0, 0);
    context.fillStyle = dark() ? "rgb(20 24 30 / 0.75)" : "rgb(255 255 255 / 0.75)";
    for (let v = 1; v < n; v++) {
      if (record.layers[v] === record.layers[v - 1]) continue; // units are numbered layer by layer
      context.fillRect(v, 0, 0.6, n);
      context.fillRect(0, v, n, 0.6);
    }
  }

  function frame(element, height) {
    const width = Math.max(200, element.clientWidth);
    const svg = d3.select(element).attr("viewBox", `0 0 ${width} ${height}`).attr("height", height);
    return { svg, width };
  }

  const layer = (svg, name) => svg.selectAll(`g.${name}`).data([0]).join("g").attr("class", name);

  function axes(svg, x, y, box, names) {
    const bottom = layer(svg, "fx-x").attr("class", "fx-x fx-axis").attr("transform", `translate(0,${box.bottom})`);
    bottom.call(d3.axisBottom(x).ticks(5).tickSizeOuter(0));
    const name = (g, text) => g.selectAll("text.fx-name").data([text]).join("text").attr("class", "fx-name").text(text);
    name(bottom, names[0]).attr("x", box.right).attr("y", 32).attr("text-anchor", "end");
    if (!y) return;
    const left = layer(svg, "fx-y").attr("class", "fx-y fx-axis").attr("transform", `translate(${box.left},0)`);
    left.call(d3.axisLeft(y).ticks(5).tickSizeOuter(0));
    name(left, names[1]).attr("x", 6).attr("y", box.top - 6).attr("text-anchor", "start");
  }

  function binomial(n, p, k) {
    let log = n * Math.log1p(-p);
    for (let i = 1; i <= k; i++) log += Math.log(((n - i + 1) * p) / (i * (1 - p)));
    return Math.exp(log);
  }

  function histogram(element, record, degree, density, colors) {
    const height = Math.min(400, Math.max(260, 0.8 * element.clientWidth));
    const { svg, width } = frame(element, height);
    const box = { left: 34, right: width - 6, top: 22, bottom: height - 38 };
    const most = d3.max(degree);
    const step = Math.max(1, Math.ceil((most + 1) / 32));
    const bins = Math.floor(most / step) + 1;
    const kinds = record.layers[record.n - 1] + 1;
    const counts = d3.range(bins).map(() => new Array(kinds).fill(0));
    degree.forEach((k, v) => counts[Math.floor(k / step)][record.layers[v]]++);
    const chance = d3.range(bins).map((b) => record.n * d3.sum(d3.range(b * step, (b + 1) * step), (k) => binomial(record.n - 1, density, k)));
    const x = d3.scaleLinear([0, bins * step], [box.left, box.right]);
    const y = d3.scaleLinear([0, Math.max(d3.max(counts, (row) => d3.sum(row)), d3.max(chance))], [box.bottom, box.top]).nice(5);
    axes(svg, x, y, box, ["edges of a unit", "units"]);
    const bars = counts.flatMap((row, b) => {
      let low = 0;
      return row.map((c, l) => ({ b, l, low, high: (low += c) })).filter((d) => d.high > d.low);
    });
    layer(svg, "fx-columns").selectAll("rect").data(bars).join("rect")
      .attr("x", (d) => x(d.b * step) + 0.5).attr("width", Math.max(1, x(step) - x(0) - 1))
      .attr("y", (d) => y(d.high)).attr("height", (d) => y(d.low) - y(d.high))
      .attr("fill", (d) => colors[d.l % colors.length]);
    const line = chance.map((c, b) => `${b ? "L" : "M"}${x((b + 0.5) * step)},${y(c)}`).join("");
    layer(svg, "fx-chance").selectAll("path").data([line]).join("path").attr("class", "fx-null").attr("d", (d) => d);
    return most;
  }

  function bars(element, [h0, h1]) {
    const height = Math.min(360, Math.max(280, element.clientWidth));
    const { svg, width } = frame(element, height);
    const box = { left: 9, right: width - 9, top: 4, bottom: height - 38 };
    const x = d3.scaleLinear([0, 1], [box.left, box.right]);
    const rows = [h0, h1].map(([births, deaths]) => d3.zip(births, deaths).sort((a, b) => a[0] - b[0] || a[1] - b[1]));
    const gap = 10;
    const pitch = (box.bottom - 6 - box.top - gap) / Math.max(1, rows[0].length + rows[1].length);
    const path = (list, top) => list.map(([b, d], k) => `M${x(b).toFixed(1)},${(top + (k + 0.5) * pitch).toFixed(2)}H${Math.max(x(d), x(b) + 0.7).toFixed(1)}`).join("");
    const split = box.top + rows[0].length * pitch + gap;
    layer(svg, "fx-lines").selectAll("path").data([path(rows[0], box.top), path(rows[1], split)]).join("path")
      .attr("class", (_, k) => `fx-h${k}`).attr("stroke-width", Math.max(0.5, pitch * 0.72)).attr("d", (d) => d);
    axes(svg, x, null, box, ["filtration value 1 − |r|"]);
    layer(svg, "fx-now").selectAll("line").data([0]).join("line").attr("class", "fx-cursor").attr("y1", 0).attr("y2", box.bottom);
    return (eps) => svg.select("g.fx-now").attr("transform", `translate(${x(eps)},0)`);
  }

  function points(element, [h0, h1]) {
    const { width } = frame(element, 330);
    const side = Math.min(width, 360);
    const { svg } = frame(element, side);
    const left = 34 + (width - side) / 2;
    const box = { left, right: left + side - 44, top: 22, bottom: side - 38 };
    const x = d3.scaleLinear([0, 1], [box.left, box.right]);
    const y = d3.scaleLinear([0, 1], [box.bottom, box.top]);
    axes(svg, x, y, box, ["birth", "death"]);
    svg.select("g.fx-y .fx-name").attr("x", -26).attr("y", 10);
    layer(svg, "fx-corner").selectAll("rect").data([0]).join("rect").attr("class", "fx-alive").attr("x", x(0)).attr("y", y(1));
    layer(svg, "fx-line").selectAll("path").data([0]).join("path").attr("class", "fx-diagonal").attr("d", `M${x(0)},${y(0)}L${x(1)},${y(1)}`);
    layer(svg, "fx-zero").selectAll("circle").data(d3.zip(...h0)).join("circle").attr("class", "fx-h0").attr("r", 3)
      .attr("cx", (d) => x(d[0])).attr("cy", (d) => y(d[1]));
    layer(svg, "fx-one").selectAll("path").data(d3.zip(...h1)).join("path").attr("class", "fx-tri fx-h1")
      .attr("d", (d) => `M${x(d[0])},${y(d[1]) - 4}l3.6,6.4h-7.2z`);
    return (eps) => svg.select("g.fx-corner rect").attr("width", x(eps) - x(0)).attr("height", y(eps) - y(1));
  }

  return { modules, unpack, degrees, graph, matrix, histogram, bars, points };
})();
