import Glibc
import ZMQReactorTestSupport

/// A program of `Samples/`, run as users do.
func sample(_ name: String, _ arguments: String...) throws -> ChildProcess {
    try ChildProcess(Project.executable(name), arguments)
}

/// A program of `Samples/`, run as users do.
func sample(_ name: String, _ arguments: [String]) throws -> ChildProcess {
    try ChildProcess(Project.executable(name), arguments)
}

/// A program in Debian's Python with libzmq.
func python(_ program: String, _ arguments: String...) throws -> ChildProcess {
    // An interpreter that exits does not wait for its sockets' queued messages; terminating the context does.
    let ending = "\nctx.destroy(linger=5000)\n"
    return try ChildProcess(
        "/usr/bin/python3",
        ["-u", "-c", "import sys, time, zmq\nctx = zmq.Context()\n" + program + ending] + arguments
    )
}

/// Whether this run checks memory, in the tests and in the programs they start.
let isAddressSanitized = dlsym(nil, "__asan_init") != nil

/// The endpoints of one batch of tasks.
struct Batch {
    let tasks: String
    let results: String
    let control: String

    init() throws {
        tasks = try freeEndpoint()
        results = try freeEndpoint()
        control = try freeEndpoint()
    }

    /// The programs that do tasks.
    static let workers = ["task-worker", "async-worker"]

    func worker(_ name: String = "task-worker") throws -> ChildProcess {
        try sample(name, "--tasks", tasks, "--results", results, "--control", control)
    }

    func sink(count: Int = 100) throws -> ChildProcess {
        try sample("task-sink", "--bind", results, "--control", control, "--count", "\(count)")
    }

    func ventilator(count: Int = 100) throws -> ChildProcess {
        try sample("task-ventilator", "--bind", tasks, "--sink", results, "--count", "\(count)")
    }
}
