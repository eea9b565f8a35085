import ZMQReactor

/// The first program in README.md.
func readmeExample() throws {
    let reactor = try Reactor()
    let context = Context()

    let weather = try SubSocket(on: reactor, in: context) { _, update in
        print("weather:", update.string)
    }
    try weather.connect("tcp://localhost:5556")
    try weather.subscribe(to: "10001 ")

    let tasks = try PullSocket(on: reactor, in: context)
    try tasks.connect("tcp://localhost:5557")
    let results = try PushSocket(on: reactor, in: context)
    try results.connect("tcp://localhost:5558")

    reactor.task { reactor in
        for try await task in tasks.messages {
            try await reactor.sleep(for: .milliseconds(task[0].decimal ?? 0))
            try await results.sendWhenReady("done")
        }
    }

    try reactor.stopOnInterrupt(closing: context)
    reactor.run()
}

/// The second example in README.md.
func work(on reactor: Reactor, in context: Context, _ results: PushSocket) throws {
    let tasks = try PullSocket(on: reactor, in: context) { tasks, task in
        tasks.pause()  // One task at a time: the next worker may be free.
        reactor.after(.milliseconds(task[0].decimal ?? 0)) { _ in
            if try results.send("done") == .wouldBlock { print("there is no room for a result") }
            tasks.resume()
        }
    }
    try tasks.connect("tcp://localhost:5557")
}
