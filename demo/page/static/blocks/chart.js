// data_visualization blocks: lines, areas, bars and pies, each with its figures as a table for whoever cannot see it.

import { el, svg } from "./dom.js";

const WIDE = 520;
const HIGH = 220;
const EDGE = { left: 46, right: 12, top: 10, bottom: 30 };

function scale(values) {
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values, low + 1);
  const inner = HIGH - EDGE.top - EDGE.bottom;
  return { low, high, y: (value) => EDGE.top + inner - ((value - low) / (high - low)) * inner };
}

function short(value) {
  return new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 }).format(value);
}

function axes({ low, high, y }) {
  return [0, 1, 2, 3].flatMap((step) => {
    const value = low + ((high - low) * step) / 3;
    return [
      svg("line", { x1: EDGE.left, x2: WIDE - EDGE.right, y1: y(value), y2: y(value), class: "grid" }),
      svg("text", { x: EDGE.left - 6, y: y(value) + 4, "text-anchor": "end" }, short(value)),
    ];
  });
}

function xy({ type, series }) {
  const labels = series[0]?.data.map((point) => point.label) ?? [];
  const at = scale(series.flatMap((one) => one.data.map((point) => point.value)));
  const step = (WIDE - EDGE.left - EDGE.right) / Math.max(labels.length, 1);
  const x = (place) => EDGE.left + step * (place + 0.5);
  const every = Math.ceil(labels.length / 8);
  const names = labels.map((label, place) => (place % every ? null : svg("text", { x: x(place), y: HIGH - 10, "text-anchor": "middle" }, label)));
  const drawn = series.flatMap((one, number) => (type === "bar" ? bars : curve)(one.data, { at, x, step, number, count: series.length, filled: type === "area" }));
  return [...axes(at), ...names, ...drawn];
}

function bars(points, { at, x, step, number, count }) {
  const wide = (step * 0.7) / count;
  return points.map((point, place) => svg("rect", {
    x: x(place) - step * 0.35 + wide * number, width: Math.max(1, wide - 1), class: `series-${number}`,
    y: Math.min(at.y(point.value), at.y(0)), height: Math.abs(at.y(point.value) - at.y(0)), rx: 2,
  }, svg("title", {}, `${point.label}: ${point.value}`)));
}

function curve(points, { at, x, number, filled }) {
  const path = points.map((point, place) => `${place ? "L" : "M"}${x(place)} ${at.y(point.value)}`).join("");
  const area = filled && points.length ? svg("path", { d: `${path}L${x(points.length - 1)} ${at.y(0)}L${x(0)} ${at.y(0)}Z`, class: `area series-${number}` }) : null;
  return [area, svg("path", { d: path, class: `curve series-${number}` })].filter(Boolean);
}

function pie({ segments }) {
  const total = segments.reduce((sum, one) => sum + one.value, 0) || 1;
  const spot = (share) => `${WIDE / 2 + 95 * Math.sin(share * 2 * Math.PI)} ${HIGH / 2 - 95 * Math.cos(share * 2 * Math.PI)}`;
  let before = 0;
  return segments.map((one, number) => {
    const share = Math.min(one.value / total, 0.99999);
    const path = `M${WIDE / 2} ${HIGH / 2}L${spot(before)}A95 95 0 ${share > 0.5 ? 1 : 0} 1 ${spot(before + share)}Z`;
    before += share;
    return svg("path", { d: path, class: `slice series-${number}` }, svg("title", {}, `${one.label}: ${one.value}`));
  });
}

/** The picture, its legend and its figures. */
export function chart(block) {
  const spec = block.chart;
  const series = spec.series ?? [{ name: block.title, data: spec.segments ?? [] }];
  const legend = (spec.segments ?? spec.series).map((one, number) => el("span", { class: "legend" }, el("i", { class: `key series-${number}` }), one.name ?? `${one.label} (${one.value})`));
  const figures = series.flatMap((one) => one.data.map((point) => el("tr", {}, el("td", {}, one.name), el("td", {}, point.label), el("td", {}, String(point.value)))));
  return el("figure", { class: "chart" }, el("figcaption", {}, block.title),
    svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": block.title }, spec.type === "pie" ? pie(spec) : xy(spec)),
    el("div", { class: "legends" }, legend), el("div", { class: "for-readers" }, el("table", {}, el("tbody", {}, figures))));
}
