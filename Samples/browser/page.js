// Live weather and a task board: what the sockets of index.html do.

import { Socket, text } from "./zmq.js";

const element = (id) => document.getElementById(id);
const instance = (id) => element(id).content.firstElementChild.cloneNode(true);

// The servers are where the page comes from, unless its address names others: ?weather=ws://example.org:8083/weather
const query = new URLSearchParams(location.search);
const scheme = location.protocol === "https:" ? "wss" : "ws";
const endpoint = (name, port) => query.get(name) ?? `${scheme}://${location.hostname}:${port}/${name}`;

/** Shows whether all of the sockets are connected. */
function showState(state, sockets, changed = () => {}) {
    const open = new Set();
    const show = (reason) => {
        const areOpen = open.size === sockets.length;
        state.classList.toggle("open", areOpen);
        state.textContent = areOpen ? "connected" : reason;
        changed(areOpen);
    };
    for (const socket of sockets) {
        socket.onopen = () => {
            open.add(socket);
            show("connecting");
        };
        socket.onclose = (reason) => {
            open.delete(socket);
            show(`${socket.url}: ${reason}; trying again`);
        };
    }
}

// The weather: a SUB at the PUB of weather-server. An update is "ZIP TEMPERATURE HUMIDITY".

const weather = new Socket("SUB", endpoint("weather", 8083));
showState(element("weather-state"), [weather]);

const shown = 60; // updates of a place in its graph
const places = new Map();

function subscribe(zip) {
    if (places.has(zip)) return;
    const card = instance("place");
    card.dataset.zip = zip;
    card.querySelector("h3").textContent = zip;
    card.querySelector("button").onclick = () => {
        weather.unsubscribe(`${zip} `);
        places.delete(zip);
        card.remove();
    };
    element("places").append(card);
    places.set(zip, { card, temperatures: [], count: 0 });
    weather.subscribe(`${zip} `);
}

function draw({ card, temperatures, humidity, count }) {
    const points = temperatures.map((temperature, index) => `${index},${(135 - temperature) / 2.15}`);
    card.querySelector("polyline").setAttribute("points", points.join(" "));
    card.querySelector(".temperature").textContent = `${temperatures.at(-1)} °F`.replace("-", "−");
    card.querySelector(".rest").textContent = `${humidity} % humidity, ${count} updates`;
}

weather.onmessage = ([update]) => {
    const [zip, temperature, humidity] = text(update).split(" ");
    const place = places.get(zip);
    place.temperatures.push(Number(temperature));
    place.temperatures.splice(0, place.temperatures.length - shown);
    place.humidity = humidity;
    place.count += 1;
    // However many updates there are, a place is drawn once a frame.
    place.frame ??= requestAnimationFrame(() => {
        place.frame = undefined;
        draw(place);
    });
};

element("subscribe").onsubmit = (event) => {
    event.preventDefault();
    subscribe(element("zip").value);
    event.target.reset();
};
(query.get("zips") ?? "10001,60601,94103").split(",").forEach(subscribe);

// The task board: a REQ at the REP of task-board, which is asked for changes, and a SUB at its XPUB, which publishes the
// tasks after each change, and when a page subscribes. A task is "NUMBER open TEXT" or "NUMBER done TEXT".

const clerk = new Socket("REQ", endpoint("tasks", 8081));
const board = new Socket("SUB", endpoint("board", 8082));
const addButton = element("add").querySelector("button");
showState(element("board-state"), [clerk, board], (areOpen) => { addButton.disabled = !areOpen; });

/** Whether the task board has done it. If not, the page shows why. */
async function ask(...request) {
    try {
        const [status, reason] = (await clerk.request(...request)).map(text);
        element("problem").textContent = status === "ok" ? "" : reason;
        return status === "ok";
    } catch (error) {
        element("problem").textContent = error.message;
        return false;
    }
}

function item(task) {
    const [, number, state, words] = task.match(/^(\d+) (open|done) (.*)$/);
    const row = instance("item"), box = row.querySelector("input"), isDone = state === "done";
    row.querySelector("span").textContent = words;
    row.querySelector("label").classList.toggle("done", isDone);
    box.checked = box.disabled = isDone;
    box.onchange = async () => { box.checked = await ask("finish", number); };
    return row;
}

board.onmessage = ([, ...tasks]) => element("tasks").replaceChildren(...tasks.map((task) => item(text(task))));
board.subscribe("board");

element("add").onsubmit = async (event) => {
    event.preventDefault();
    if (!addButton.disabled && await ask("add", element("task").value)) event.target.reset();
};
