"""The servers of the page, with libzmq: a weather PUB, a task board's REP and XPUB, and a PULL that waits for a line of input.

usage: python3 -m BrowserDriver.libzmq_servers WEATHER TASKS BOARD WORK COUNT SIZE
"""

import sys

import zmq


def bound(context, kind, endpoint, **options):
    found = context.socket(kind)
    found.linger = 0
    for name, value in options.items():
        setattr(found, name, value)
    found.bind(endpoint)
    return found


def execute(tasks, request):
    """The reply; whether the tasks have changed."""
    command, *arguments = request
    if command == b"add" and arguments[0].strip():
        tasks.append([b"open", arguments[0]])
    elif command == b"finish":
        tasks[int(arguments[0]) - 1][0] = b"done"
    else:
        return [b"refused", b"libzmq's board does not do this"], False
    return [b"ok"], True


def main(weather_endpoint, tasks_endpoint, board_endpoint, work_endpoint, count, size):
    context = zmq.Context()
    weather = bound(context, zmq.PUB, weather_endpoint)
    clerk = bound(context, zmq.REP, tasks_endpoint)
    board = bound(context, zmq.XPUB, board_endpoint, xpub_verbose=True)
    work = bound(context, zmq.PULL, work_endpoint, rcvhwm=1)
    tasks = [[b"open", b"A task of libzmq"]]
    poller = zmq.Poller()
    for readable in (clerk, board, sys.stdin):
        poller.register(readable, zmq.POLLIN)
    sent = received = 0
    print("ready", flush=True)
    while True:
        readable = dict(poller.poll(10))
        sent += 1
        for zip_code in ("10001", "60601", "94103"):
            weather.send_string(f"{zip_code} {sent % 100} 50")
        changed = board in readable and board.recv()[0] == 1
        if clerk in readable:
            reply, has_changed = execute(tasks, clerk.recv_multipart())
            changed = changed or has_changed
            clerk.send_multipart(reply)
        if changed:
            lines = [b"%d %s %s" % (number, *task) for number, task in enumerate(tasks, 1)]
            board.send_multipart([b"board", *lines])
        if sys.stdin.fileno() in readable:
            sys.stdin.readline()
            poller.unregister(sys.stdin)
            poller.register(work, zmq.POLLIN)
        if work in readable:
            number, payload = work.recv_multipart()
            assert int(number) == received, (number, received)
            assert len(payload) == int(size)
            received += 1
            if received == int(count):
                return


if __name__ == "__main__":
    main(*sys.argv[1:])
