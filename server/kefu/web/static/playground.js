"use strict";

const KINDS = {
  start: "开始", end: "结束", answer: "回复", tool: "工具", llm: "大模型", code: "代码", assigner: "变量",
  "if-else": "条件", "question-classifier": "分类", "parameter-extractor": "参数", "knowledge-retrieval": "知识",
  "template-transform": "模板",
};
const ROUTES = {
  rule: "规则", stock: "库存", delivery: "时效", compatibility: "兼容", order: "订单", knowledge: "知识", identity: "身份",
  smalltalk: "寒暄", ask: "追问", human: "转人工", human_active: "人工接待中", llm: "大模型",
};
const byId = (id) => document.getElementById(id);
let apps = [];
let conversation = null;
let turns = 0;
let sums = { llm: 0, ms: 0 };

// Text only goes in as text: a reply or a shop name is never read as HTML.
function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

async function call(path, body) {
  const options = body && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(path, options);
  const data = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(data.error ? `${data.error.message} ${data.error.hint || ""}` : `HTTP ${answer.status}`);
  return data;
}

function say(who, text) {
  const line = element("li", who, text);
  byId("messages").append(line);
  line.scrollIntoView({ block: "end" });
  return line;
}

function restart() {
  const app = apps.find((row) => row.name === byId("app").value);
  conversation = null;
  turns = 0;
  sums = { llm: 0, ms: 0 };
  byId("messages").replaceChildren();
  byId("turns").replaceChildren();
  byId("about").textContent = app ? app.about : "";
  if (app && app.opening) say("desk", app.opening);
  byId("suggested").replaceChildren(...(app ? app.suggested : []).map((text) => {
    const button = element("button", "", text);
    button.type = "button";
    button.addEventListener("click", () => send(text));
    return button;
  }));
  showTotals();
}

function showTotals() {
  const total = (number, label) => {
    const part = element("span");
    part.append(element("b", "", number), label);
    return part;
  };
  const mean = turns ? Math.round(sums.ms / turns) : 0;
  byId("totals").replaceChildren(total(turns, "轮"), total(sums.llm, "次大模型调用"), total(mean, "毫秒/轮（平均）"));
}

function nodeRow(node, longest) {
  const row = element("tr", node.status);
  const name = element("td", "", node.title);
  name.append(element("span", "kind", KINDS[node.type] || node.type));
  if (node.error) name.append(element("span", "error", `已走出错分支：${node.error}`));
  const bar = element("td", "bar");
  const fill = element("i");
  fill.style.width = `${Math.max(1, (100 * node.ms) / longest)}%`;
  bar.append(fill);
  const calls = element("td", "number");
  if (node.llm_calls) calls.append(element("span", "chip llm", `大模型 ${node.llm_calls} 次`));
  row.append(name, bar, element("td", "number", `${node.ms.toFixed(1)} ms`), calls);
  return row;
}

function showTurn(turn, number) {
  const box = element("article", "turn");
  box.id = `turn-${number}`;
  const head = element("h2");
  head.append(element("span", "said", turn.query));
  if (turn.route) head.append(element("span", turn.route.startsWith("human") ? "chip human" : "chip", ROUTES[turn.route] || turn.route));
  if (turn.intent) head.append(element("span", "chip", turn.intent));
  head.append(element("span", turn.llm_calls ? "chip llm" : "chip free", `大模型 ${turn.llm_calls} 次`), element("span", "chip", `${Math.round(turn.ms)} ms`));
  box.append(head);
  const slots = Object.entries(turn.slots || {});
  if (slots.length) {
    const shown = slots.map(([name, slot]) => `${name}：${slot && slot.value !== undefined ? slot.value : slot}`);
    box.append(element("p", "slots", `参数 ${shown.join("，")}`));
  }
  if (turn.handoff_reason) box.append(element("p", "slots", `转人工原因 ${turn.handoff_reason}`));
  const table = element("table");
  const longest = Math.max(...turn.nodes.map((node) => node.ms), 1);
  table.append(...turn.nodes.map((node) => nodeRow(node, longest)));
  box.append(table);
  byId("turns").prepend(box);
}

function choose(number) {
  document.querySelectorAll(".turn").forEach((box) => box.classList.toggle("chosen", box.id === `turn-${number}`));
  byId(`turn-${number}`).scrollIntoView({ block: "nearest", behavior: "smooth" });
}

async function send(text) {
  if (!text.trim() || byId("send").disabled) return;
  byId("send").disabled = true;
  const number = turns + 1;
  const asked = say("customer", text);
  const waiting = say("desk waiting", "正在回复");
  try {
    const body = { app: byId("app").value, shop: byId("shop").value, query: text, conversation };
    const answer = await call("/playground/turn", body);
    conversation = answer.conversation;
    turns = number;
    sums = { llm: sums.llm + answer.turn.llm_calls, ms: sums.ms + answer.turn.ms };
    waiting.className = answer.turn.reply ? "desk" : "desk failed";
    waiting.textContent = answer.turn.reply || `（没有回复）${answer.turn.error || ""}`;
    showTurn(answer.turn, number);
    showTotals();
    choose(number);
    asked.addEventListener("click", () => choose(number));
  } catch (error) {
    waiting.className = "desk failed";
    waiting.textContent = `没有成功：${error.message}`;
  } finally {
    byId("send").disabled = false;
    byId("query").focus();
  }
}

byId("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = byId("query").value;
  byId("query").value = "";
  send(text);
});
byId("query").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    byId("form").requestSubmit();
  }
});
byId("fresh").addEventListener("click", restart);
byId("app").addEventListener("change", restart);
byId("shop").addEventListener("change", restart);

call("/playground/info").then((info) => {
  apps = info.apps;
  const option = (value, text) => Object.assign(element("option", "", text), { value });
  byId("app").replaceChildren(...apps.map((app) => option(app.name, `${app.icon} ${app.title}`)));
  byId("shop").replaceChildren(...info.shops.map((name) => option(name, name)));
  if (info.shops.includes("demo")) byId("shop").value = "demo";
  restart();
  if (!info.available) say("desk failed", "试聊台需要 graphon：请用 ./kefu up 启动。");
}).catch((error) => say("desk failed", `打不开：${error.message}`));
