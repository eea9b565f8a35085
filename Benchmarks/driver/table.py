"""The table, as Markdown that is readable as plain text."""

from statistics import median

ABSENT = "–"
HEADINGS = (
    "workload", "ours", "libzmq", "ratio (pairs)", "wanted", "bare limit", "of limit", "wanted",
    "CPU s per million: ours / libzmq",
)


def short(number):
    for least, factor, unit in ((1e9, 1e9, " G"), (1e6, 1e6, " M"), (1e4, 1e3, " k")):
        if number >= least:
            return f"{number / factor:.3g}{unit}"
    return f"{number:.4g}"


def quantity(row, side):
    value = row.value(side)
    if value is None:
        return "failed" if any(run.side == side for run in row.errors) else ABSENT
    if row.workload.metric.unit == "µs":
        return " / ".join(f"{row.value(side, key):.1f}" for key in ("p50_us", "p99_us", "p99_9_us")) + " µs"
    unit = row.workload.metric.unit
    return f"{value:.0f} {unit}" if unit == "B" else short(value) + unit


def verdict(row, side, goal, value):
    """The goal and whether it is reached. It applies when both ends are ours."""
    if side != "ours" or goal not in row.workload.goals:
        return ""
    higher = row.workload.metric.higher_is_better and goal != "cpu"
    wanted = row.workload.goals[goal]
    text = f"{'≥' if higher else '≤'} {wanted:g}"
    if value is None:
        return text
    return f"{text} {'✓' if (value >= wanted if higher else value <= wanted) else '✗'}"


def ratio_cells(row, side):
    ratios = row.ratios(side, "libzmq")
    if not ratios:
        return ABSENT, verdict(row, side, "ratio", None) or verdict(row, side, "value", row.value(side))
    text = f"{median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})"
    worst = median(ratios)
    if row.workload.metric.unit == "µs":
        p99 = median(row.ratios(side, "libzmq", "p99_us"))
        text, worst = f"{text}, p99 {p99:.2f}", max(worst, p99)
    return text, verdict(row, side, "ratio", worst) or verdict(row, side, "value", row.value(side))


def cpu_cell(row, side):
    ours, libzmq = row.cpu_per_million(side), row.cpu_per_million("libzmq")
    cells = [ABSENT if value is None else f"{value:.3g}" for value in (ours, libzmq)]
    ratio = ours / libzmq if ours is not None and libzmq else None
    of = "" if ratio is None else f" ({ratio:.2f})"
    return f"{' / '.join(cells)}{of} {verdict(row, side, 'cpu', ratio)}".rstrip()


def cells(row, side, name):
    ratio, wanted = ratio_cells(row, side)
    shares = row.ratios(side, "bare")
    share = median(shares) if shares else None
    limit = quantity(row, "bare")
    if row.workload.metric.unit == "µs" and row.value("bare") is not None:
        limit = f"{row.value('bare'):.1f} / {row.value('bare', 'p99_us'):.1f} µs"
    return [
        name, quantity(row, side), quantity(row, "libzmq"), ratio, wanted, limit,
        ABSENT if share is None else f"{share:.2f}", verdict(row, side, "share", share), cpu_cell(row, side),
    ]


def render(rows):
    lines = [list(HEADINGS)]
    for row in rows:
        lines.append(cells(row, "ours", row.workload.name))
        for side in row.by_side:
            if "→" in side:
                lines.append(cells(row, side, f"… {side}"))
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEADINGS))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join("| " + " | ".join(c.ljust(w) for c, w in zip(line, widths)) + " |" for line in lines)
