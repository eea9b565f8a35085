// Reads /status.json once a second, and shows it. Numbers are counters: rates, and what is plotted, are made here, of the
// difference between two readings. Much of the text is the choice of some peer, so it is only ever assigned to textContent.

const INTERVAL = 1000; // milliseconds between two readings
const PATIENCE = 5000; // and for one
const HISTORY = 60;    // readings in a plot

const one = (selector, parent = document) => parent.querySelector(selector);

// Numbers as text

const whole = new Intl.NumberFormat("en");
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const small = new Intl.NumberFormat("en", { maximumSignificantDigits: 2 });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

const rateText = (rate) => rate === undefined ? "–" : rate >= 1000 ? short.format(rate) : rate >= 10 ? String(Math.round(rate)) : small.format(rate);

function bytesText(count) {
    const units = ["B", "kB", "MB", "GB", "TB"];
    let unit = 0;
    while (count >= 1000 && unit < units.length - 1) [count, unit] = [count / 1000, unit + 1];
    return `${unit === 0 || count >= 100 ? Math.round(count) : small.format(count)} ${units[unit]}`;
}

function timeText(seconds) {
    if (seconds === null || seconds === undefined) return "";
    if (seconds < 0.001) return `${small.format(seconds * 1e6)} µs`;
    if (seconds < 1) return `${small.format(seconds * 1e3)} ms`;
    if (seconds < 60) return `${small.format(seconds)} s`;
    const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60), days = Math.floor(hours / 24);
    if (days > 0) return `${days} d ${hours % 24} h`;
    return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min ${Math.floor(seconds % 60)} s`;
}

// Elements

/** A copy of a template's content: its only element, or all of them in a fragment. */
function instance(id) {
    const copy = document.getElementById(id).content.cloneNode(true);
    return copy.children.length === 1 ? copy.children[0] : copy;
}

/** Unchanged text is left alone: it may be selected. */
function setText(node, text) { if (node.textContent !== text) node.textContent = text; }

/** Fills the fields of a copy. */
function fill(node, fields) {
    for (const [name, text] of Object.entries(fields)) setText(one(`[data-field="${name}"]`, node), text ?? "");
}

function badge(node, kind) { node.className = `badge ${kind}`; }

/** Makes the elements in `parent` those of the items, in their order. An item keeps its element while its key stays. */
function list(parent, items, key, make, update) {
    const old = parent.items ?? new Map(), now = new Map();
    for (const item of items) {
        // Equal keys are told apart by their order.
        let name = key(item), number = 1;
        while (now.has(name)) name = `${key(item)} ${number += 1}`;
        const node = old.get(name) ?? make(item);
        old.delete(name);
        now.set(name, node);
        update(node, item);
    }
    for (const node of old.values()) node.remove();
    let place = parent.firstElementChild;
    for (const node of now.values()) {
        if (node === place) place = place.nextElementSibling; else parent.insertBefore(node, place);
    }
    parent.items = now;
}

/** A plot of the latest values, the newest on the right; the highest one is at the top. */
function plot(svg, values, top = Math.max(...values, 0)) {
    if (!svg.firstChild) {
        svg.setAttribute("viewBox", `0 0 ${HISTORY - 1} 20`);
        svg.setAttribute("preserveAspectRatio", "none");
        svg.setAttribute("aria-hidden", "true");
        for (const name of ["polygon", "polyline"]) svg.append(document.createElementNS("http://www.w3.org/2000/svg", name));
    }
    const first = HISTORY - values.length;
    const points = values.map((value, index) => `${first + index},${(19 - 18 * (top > 0 ? Math.min(value / top, 1) : 0)).toFixed(2)}`);
    const [area, line] = svg.children;
    line.setAttribute("points", points.join(" "));
    area.setAttribute("points", points.length ? `${first},20 ${points.join(" ")} ${HISTORY - 1},20` : "");
}

/** The level of a queue against its marks: in messages or in bytes, whichever is nearer to its mark. */
function showQueue(parent, queue) {
    if (!parent.firstChild) parent.append(instance("bar"));
    const share = Math.max(queue.messageMark ? queue.messages / queue.messageMark : 0, queue.byteMark ? queue.bytes / queue.byteMark : 0);
    const bar = one(".bar", parent), percent = Math.round(Math.min(share, 1) * 100);
    bar.className = `bar ${share >= 0.9 ? "bad" : share >= 0.5 ? "warn" : ""}`;
    bar.setAttribute("aria-valuenow", percent);
    bar.title = `${whole.format(queue.messages)} messages, ${bytesText(queue.bytes)}; full at ${queue.messageMark === null ? "any number" : whole.format(queue.messageMark)}`
        + (queue.byteMark === null ? "" : ` or ${bytesText(queue.byteMark)}`);
    bar.firstChild.style.width = `${queue.messages > 0 ? Math.max(percent, 4) : 0}%`;
    fill(parent, { text: `${short.format(queue.messages)}${queue.messageMark === null ? "" : ` / ${short.format(queue.messageMark)}`}` });
}

// Rates

/** Counters of something, and their rates since the first reading that had it. */
class Meter {
    #before;
    history = {};

    /** Takes a reading of the counters at a time in seconds. */
    read(time, counters) {
        const before = this.#before;
        if (before && time > before.time) {
            for (const [name, value] of Object.entries(counters)) {
                const rate = Math.max(0, (value - (before.counters[name] ?? 0)) / (time - before.time));
                this.history[name] = [...(this.history[name] ?? []), rate].slice(-HISTORY);
            }
        }
        if (!before || time > before.time) this.#before = { time, counters };
    }

    rate(name) { return this.history[name]?.at(-1); }
    values(name) { return this.history[name] ?? []; }
}

const meters = new Map();

/** The meter of something, by a name. */
function meter(name) {
    if (!meters.has(name)) meters.set(name, new Meter());
    const found = meters.get(name);
    found.isUsed = true;
    return found;
}

function forgetUnused() {
    for (const [name, found] of meters) if (found.isUsed) found.isUsed = false; else meters.delete(name);
}

// The parts of the page

const COUNTERS = ["messagesReceived", "messagesSent", "bytesReceived", "bytesSent", "messagesDropped", "sendsRefused"];

function showTotals(report) {
    const sums = Object.fromEntries(COUNTERS.map((name) => [name, 0]));
    // Each socket has the time of its own reactor: rates are added up, not counters.
    const sockets = report.reactors.flatMap((reactor) => reactor.status?.sockets ?? []);
    const total = (name) => sockets.reduce((sum, { statistics }) => sum + statistics[name], 0);
    const rates = (name) => {
        const all = sockets.map(({ number }) => meter(`socket ${number}`).values(name));
        const length = Math.max(0, ...all.map((values) => values.length));
        return Array.from({ length }, (_, index) => all.reduce((sum, values) => sum + (values[values.length - length + index] ?? 0), 0));
    };
    const sum = (...series) => series[0].map((_, index) => series.reduce((sum, values) => sum + (values[index] ?? 0), 0));
    const bytes = sum(rates("bytesReceived"), rates("bytesSent"));
    const lost = sum(rates("messagesDropped"), rates("sendsRefused"));
    const losses = total("messagesDropped") + total("sendsRefused");
    const tiles = [
        { title: "Received", values: rates("messagesReceived"), unit: "messages/s", sum: `${whole.format(total("messagesReceived"))} messages` },
        { title: "Sent", values: rates("messagesSent"), unit: "messages/s", sum: `${whole.format(total("messagesSent"))} messages` },
        { title: "Traffic", values: bytes, unit: "per second", format: bytesText, sum: `${bytesText(total("bytesReceived"))} in, ${bytesText(total("bytesSent"))} out` },
        { title: "Dropped and refused", values: lost, unit: "messages/s", bad: lost.at(-1) > 0,
            sum: losses === 0 ? "none" : `${whole.format(total("messagesDropped"))} dropped, ${whole.format(total("sendsRefused"))} refused` },
    ];
    list(one("#totals"), tiles, ({ title }) => title, () => instance("total"), (node, tile) => {
        const rate = tile.values.at(-1);
        fill(node, { title: tile.title, rate: rate === undefined ? "–" : (tile.format ?? rateText)(rate), unit: tile.unit, sum: tile.sum });
        node.classList.toggle("bad", Boolean(tile.bad));
        plot(one("svg", node), tile.values);
    });
}

function showReactors(reactors) {
    list(one("#reactors"), reactors, ({ number }) => number, () => instance("reactor"), (node, { number, kind, silence, status }) => {
        const turns = meter(`reactor ${number}`);
        if (status?.turns) turns.read(status.time, { turns: status.turns.turns, busy: status.turns.busyTime });
        const busy = turns.rate("busy");
        fill(node, {
            name: status?.threadName || `reactor ${number}`,
            thread: [status?.threadID, kind === "connections" && "I/O thread"].filter(Boolean).join(" · "),
            state: silence === null ? "ok" : `no answer for ${timeText(silence)}`,
            sockets: status && whole.format(status.sockets.length + status.socketsOmitted),
            timers: status && whole.format(status.timers),
            watchers: status && whole.format(status.watchers),
            turns: status?.turns && rateText(turns.rate("turns")),
            busy: status?.turns && (busy === undefined ? "–" : `${Math.min(100, Math.round(busy * 100))} %`),
            longest: timeText(status?.turns?.longestTurn),
            slow: status?.turns && whole.format(status.turns.slowHandlers),
        });
        badge(one(".badge", node), silence === null ? "good" : "bad");
        node.classList.toggle("stuck", silence !== null);
        plot(one("svg", node), turns.values("busy"), 1);
    });
    const slow = reactors.flatMap(({ status }) => status?.turns?.lastSlowHandler ? [`${status.threadName}: ${status.turns.lastSlowHandler}`] : []);
    list(one("#slow"), slow, (text) => text, () => document.createElement("li"), setText);
}

const STATES = { listening: "good", connected: "good", connecting: "warn", waiting: "bad", closing: "" };

function showSocket(node, socket, { time, thread }) {
    const rates = meter(`socket ${socket.number}`), { statistics } = socket;
    rates.read(time, Object.fromEntries(COUNTERS.map((name) => [name, statistics[name]])));
    node.dataset.socket = socket.number;
    const perSecond = (name) => `${rateText(rates.rate(name))}/s`;
    fill(node, {
        type: socket.type, number: `#${socket.number}${socket.isClosing ? ", closing" : ""}`, thread,
        receivedRate: perSecond("messagesReceived"), sentRate: perSecond("messagesSent"),
        omitted: socket.connectionsOmitted > 0 ? `${whole.format(socket.connectionsOmitted)} more peers, with shorter queues` : "",
    });
    for (const [direction, name] of [["received", "messagesReceived"], ["sent", "messagesSent"]]) {
        one(`.rate.${direction}`, node).classList.toggle("idle", statistics[name] === 0);
    }
    plot(one(".received svg", node), rates.values("messagesReceived"));
    plot(one(".sent svg", node), rates.values("messagesSent"));

    list(one(".endpoints", node), socket.endpoints, ({ endpoint }) => endpoint, () => instance("endpoint"), (item, { endpoint, state, sendQueue }) => {
        fill(item, { endpoint, state });
        badge(one(".badge", item), STATES[state] ?? "");
        // With a connection, the queue is beside its peer.
        if (state !== "connected" && sendQueue.messages > 0) showQueue(one(".queue", item), sendQueue); else one(".queue", item).replaceChildren();
    });

    const counters = [
        ["received", statistics.messagesReceived], ["sent", statistics.messagesSent], ["receive queue", socket.messagesWaiting],
        ["send queue", socket.messagesQueued], ["dropped", statistics.messagesDropped, true], ["refused sends", statistics.sendsRefused, true],
        ["connections made", statistics.connectionsMade], ["reconnects", statistics.reconnects],
        ["handshakes failed", statistics.handshakeFailures, true],
    ];
    // Of the rarer ones, those that have occurred.
    const shown = counters.filter(([, value], index) => index < 2 || value > 0);
    list(one(".counters", node), shown, ([name]) => name, () => instance("counter"), (item, [name, value, isBad]) => {
        fill(item, { name, value: whole.format(value) });
        item.dataset.counter = name;
        item.classList.toggle("bad", Boolean(isBad) && value > 0);
    });

    const reasons = [
        ...Object.entries(statistics.dropped).map(([name, count]) => `dropped, ${name}: ${whole.format(count)}`),
        ...Object.entries(statistics.limits).map(([name, count]) => `limit ${name}: ${whole.format(count)}`),
    ];
    list(one(".drops", node), reasons, (text) => text.split(":")[0], () => document.createElement("li"), (item, text) => {
        setText(item, text);
        badge(item, "bad");
    });

    one(".peers", node).hidden = socket.connections.length === 0;
    list(one(".peers tbody", node), socket.connections, ({ endpoint, peer }) => `${endpoint} ${peer.address}`, () => instance("peer"), showPeer);
}

function showPeer(row, connection) {
    const { peer } = connection, properties = Object.entries(peer.properties);
    fill(row, {
        direction: connection.isAccepted ? "←" : "→", address: peer.address, type: connection.peerType ?? "handshake",
        identity: peer.routingID, user: peer.userID, roundTrip: timeText(connection.roundTrip),
        protocol: [connection.protocolVersion && `ZMTP ${connection.protocolVersion}`, connection.mechanism].filter(Boolean).join(" · "),
        received: whole.format(connection.messagesReceived), sent: whole.format(connection.messagesSent),
    });
    one("[data-field=user]", row).title = properties.map(([name, value]) => `${name}: ${value}`).join("\n");
    one("[data-field=direction]", row).title = connection.isAccepted ? "it connected to us" : "we connected to it";
    showQueue(one(".receive", row), connection.receiveQueue);
    showQueue(one(".send", row), connection.sendQueue);
}

function showSockets(reactors) {
    const sockets = reactors.flatMap(({ status }) => (status?.sockets ?? []).map((socket) => (
        { socket, time: status.time, thread: reactors.length > 1 ? status.threadName : "" }
    )));
    const omitted = reactors.reduce((sum, { status }) => sum + (status?.socketsOmitted ?? 0), 0);
    list(one("#sockets"), sockets, ({ socket }) => socket.number, () => instance("socket"), (node, { socket, ...reactor }) => showSocket(node, socket, reactor));
    setText(one("#omitted"), sockets.length === 0 ? "There are no sockets." : omitted > 0 ? `${whole.format(omitted)} more sockets` : "");
}

const FAULTS = ["handshake-failed", "connect-failed", "address-failed"], ENDS = ["disconnected", "connect-delayed", "connect-ignored", "limited"];

function showEvents(events) {
    list(one("#events"), events, ({ number }) => number, () => instance("event"), (row, event) => {
        fill(row, {
            time: clock.format(event.time * 1000), socket: `${event.type} #${event.socket}`, name: event.name,
            count: event.count > 1 ? `× ${whole.format(event.count)}` : "", endpoint: event.endpoint, peer: event.peer, reason: event.reason,
        });
        badge(one(".badge", row), FAULTS.includes(event.name) ? "bad" : ENDS.includes(event.name) ? "warn" : "good");
    });
    setText(one("#quiet"), events.length === 0 ? "Nothing has happened since the page began." : "");
}

function show(report) {
    const { program } = report;
    document.title = `${program.name} · status`;
    setText(one("#name"), program.name);
    const facts = [`process ${program.pid} on ${program.host}`, `up ${timeText(program.uptime)}`,
        program.memory === null ? "" : `${bytesText(program.memory)} of memory`, `zmq-reactor ${program.version}`];
    setText(one("#about"), facts.filter(Boolean).join(" · "));
    showReactors(report.reactors);
    showSockets(report.reactors);
    showTotals(report);
    showEvents(report.events);
    forgetUnused();
    one("main").hidden = false;
}

// Reading

let lastAnswer = performance.now(), isPaused = false, timer;

function showState(text, name) {
    const state = one("#state");
    setText(state, text);
    state.className = name;
    one("main").classList.toggle("stale", name === "stale");
}

async function read() {
    clearTimeout(timer);
    if (isPaused) return showState("paused", "paused");
    const began = performance.now();
    try {
        const answer = await fetch("/status.json", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
        if (!answer.ok) throw new Error(`status ${answer.status}`);
        const report = await answer.json();
        lastAnswer = performance.now();
        show(report);
        showState("live", "live");
    } catch (error) {
        showState(`no answer for ${timeText((performance.now() - lastAnswer) / 1000)}`, "stale");
        if (!(error instanceof TypeError || error instanceof DOMException)) console.error(error);
    }
    timer = setTimeout(read, Math.max(100, INTERVAL - (performance.now() - began)));
}

one("#pause").onclick = () => {
    isPaused = !isPaused;
    setText(one("#pause"), isPaused ? "Resume" : "Pause");
    read();
};

read();
