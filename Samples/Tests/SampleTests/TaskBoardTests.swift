import Testing
import ZMQReactorTestSupport

@Suite(.hangLimit)
struct TaskBoardTests {
    /// Runs a program in Python at a board, with its sockets and helpers.
    private func check(_ program: String) throws {
        let (requests, updates) = try (freeEndpoint(), freeEndpoint())
        let board = try sample("task-board", "--requests", requests, "--updates", updates)
        let client = try python(
            """
            req = ctx.socket(zmq.REQ)
            req.connect(sys.argv[1])
            def subscriber(topic):
                sub = ctx.socket(zmq.SUB)
                sub.connect(sys.argv[2])
                sub.subscribe(topic)
                return sub
            def ask(*frames):
                req.send_multipart([frame.encode() for frame in frames])
                return [frame.decode() for frame in req.recv_multipart()]
            def shown(sub):
                return [frame.decode() for frame in sub.recv_multipart()]
            first = "1 open Open this page in a second window"
            \(program)
            """,
            requests,
            updates
        )
        try client.expectExit(within: .seconds(30))
        board.interrupt()
        try board.expectExit()
        #expect(board.standardError.isEmpty)
    }

    @Test("each subscriber gets the tasks, at once and after each change")
    func updates() throws {
        try check(
            """
            subs = [subscriber("board")]
            assert shown(subs[0]) == ["board", first]
            subs.append(subscriber("board"))
            assert shown(subs[1]) == ["board", first]
            assert ask("add", " Water  the\\nplants ") == ["ok", first, "2 open Water the plants"]
            for sub in subs:
                assert shown(sub) == ["board", first, "2 open Water the plants"]
            assert ask("finish", "1") == ["ok", first.replace("open", "done", 1), "2 open Water the plants"]
            for sub in subs:
                assert shown(sub) == ["board", first.replace("open", "done", 1), "2 open Water the plants"]
            assert ask("list") == ["ok", first.replace("open", "done", 1), "2 open Water the plants"]
            # A subscription to something else brings nothing, and a request that changes nothing neither.
            other = subscriber("other")
            assert ask("add", "Last")[0] == "ok"
            for sub in subs:
                assert shown(sub)[-1] == "3 open Last"
            assert not other.poll(0)
            """
        )
    }

    @Test("a request that is refused says why, and changes nothing")
    func refusals() throws {
        try check(
            """
            usage = ["refused", 'a request is "list", "add" and a text, or "finish" and a number']
            length = ["refused", "a task has 1 to 100 characters"]
            for request, expected in (
                (("",), usage), (("lists",), usage), (("list", ""), usage), (("add",), usage), (("add", "a", "b"), usage),
                (("add", ""), length), (("add", " \\t"), length), (("add", "x" * 101), length),
                (("finish", "2"), ["refused", "there is no task 2"]), (("finish", "01"), ["refused", "there is no task 01"]),
                (("finish", "9" * 99), ["refused", "there is no task " + "9" * 20]),
            ):
                assert ask(*request) == expected, request
            assert ask("list") == ["ok", first]
            assert ask("add", "ä" * 100)[2] == "2 open " + "ä" * 100
            """
        )
    }

    @Test("when the board is full, the oldest finished task makes room for a new one")
    func fullBoard() throws {
        try check(
            """
            for number in range(2, 21):
                assert len(ask("add", f"Task {number}")) == number + 1
            assert ask("add", "one more") == ["refused", "the board is full: 20 tasks are open"]
            assert ask("finish", "7")[0] == ask("finish", "5")[0] == "ok"
            tasks = ask("add", "one more")
            assert len(tasks) == 21 and tasks[-1] == "21 open one more" and "7 done Task 7" in tasks
            assert not any(task.startswith("5 ") for task in tasks)
            """
        )
    }
}
