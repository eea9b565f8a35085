"""Throughput and latency against message size, drawn as an SVG by hand; it follows the reader's light or dark theme."""

from math import ceil, floor, log10, log2

from .workloads import human_size

PANEL_WIDTH, PANEL_HEIGHT = 250, 190
LEFT, TOP, GAP_X, GAP_Y, BOTTOM = 62, 62, 62, 70, 52
TRANSPORTS = ("tcp", "ipc", "inproc")
SERIES = {"throughput": "messages per second", "latency": "one way, p50, µs"}
SIDES = {"ours": "zmq-reactor", "libzmq": "libzmq", "bare": "bare sockets"}
STYLE = """
text { font: 12px system-ui, sans-serif; fill: #57606a }
.title { font-weight: 600; fill: #1f2328 }
.grid { stroke: #d0d7de; stroke-width: 1 }
.line { fill: none; stroke-width: 2; stroke-linejoin: round }
.ours { stroke: #0969da } .libzmq { stroke: #bc4c00 } .bare { stroke: #6e7781; stroke-dasharray: 4 3 }
circle { stroke: none !important }
circle.ours { fill: #0969da } circle.libzmq { fill: #bc4c00 } circle.bare { fill: #6e7781 }
@media (prefers-color-scheme: dark) {
  text { fill: #9198a1 } .title { fill: #f0f6fc } .grid { stroke: #3d444d }
  .ours { stroke: #4493f8 } .libzmq { stroke: #f0883e } .bare { stroke: #9198a1 }
  circle.ours { fill: #4493f8 } circle.libzmq { fill: #f0883e } circle.bare { fill: #9198a1 }
}
"""


def tick(value):
    for factor, unit in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if value >= factor:
            return f"{value / factor:g}{unit}"
    return f"{value:g}"


def curves(rows, series, transport):
    """Points (size, median) of each side."""
    found = {}
    for row in rows:
        if row.workload.series == series and row.workload.transport == transport:
            for side in SIDES:
                if row.value(side) is not None:
                    found.setdefault(side, []).append((row.workload.size, row.value(side)))
    return found


class Panel:
    """One pair of axes, both logarithmic."""

    def __init__(self, x, y, points):
        self.x, self.y = x, y
        sizes, values = zip(*points)
        self.sizes = sorted(set(sizes))
        self.first, self.last = log2(self.sizes[0]), max(log2(self.sizes[-1]), log2(self.sizes[0]) + 1)
        self.low = floor(log10(min(values)))
        self.high = max(ceil(log10(max(values))), self.low + 1)

    def place(self, size, value):
        across = (log2(size) - self.first) / (self.last - self.first)
        up = (log10(value) - self.low) / (self.high - self.low)
        return self.x + across * PANEL_WIDTH, self.y + (1 - up) * PANEL_HEIGHT

    def axes(self, title):
        yield f'<text class="title" x="{self.x}" y="{self.y - 12}">{title}</text>'
        for power in range(self.low, self.high + 1):
            _, y = self.place(self.sizes[0], 10**power)
            yield f'<path class="grid" d="M{self.x} {y:.1f}h{PANEL_WIDTH}"/>'
            yield f'<text x="{self.x - 8}" y="{y + 4:.1f}" text-anchor="end">{tick(10**power)}</text>'
        taken = float("-inf")
        for size in self.sizes:
            x, _ = self.place(size, 10**self.low)
            if x - taken >= 46:  # leaves room for the label before
                taken = x
                y = self.y + PANEL_HEIGHT + 18
                yield f'<text x="{x:.1f}" y="{y}" text-anchor="middle">{human_size(size)}</text>'

    def curve(self, side, points):
        places = [self.place(size, value) for size, value in sorted(points)]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
        yield f'<path class="line {side}" d="M{path}"/>'
        for x, y in places:
            yield f'<circle class="{side}" cx="{x:.1f}" cy="{y:.1f}" r="2.5"/>'


def legend(sides):
    x = LEFT
    for side in sides:
        yield f'<path class="line {side}" d="M{x} 22h24"/><text x="{x + 30}" y="26">{SIDES[side]}</text>'
        x += 130


def draw(rows):
    """Panels that have no point are left out, and so are rows and columns of them."""
    data = {(s, t): curves(rows, s, t) for s in SERIES for t in TRANSPORTS}
    down = [s for s in SERIES if any(data[s, t] for t in TRANSPORTS)]
    across = [t for t in TRANSPORTS if any(data[s, t] for s in SERIES)]
    body = []
    for j, series in enumerate(down):
        for i, transport in enumerate(across):
            sides = data[series, transport]
            if sides:
                x, y = LEFT + i * (PANEL_WIDTH + GAP_X), TOP + j * (PANEL_HEIGHT + GAP_Y)
                panel = Panel(x, y, [point for points in sides.values() for point in points])
                body += panel.axes(f"{transport}: {SERIES[series]}")
                for side, points in sides.items():
                    body += panel.curve(side, points)
    width = LEFT + len(across) * (PANEL_WIDTH + GAP_X) - GAP_X + 30
    height = TOP + len(down) * (PANEL_HEIGHT + GAP_Y) - GAP_Y + BOTTOM
    body += legend([side for side in SIDES if any(side in sides for sides in data.values())])
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    lines = "\n".join(body)
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>\n<style>{STYLE}</style>\n{lines}\n</svg>\n'
