import Glibc
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Descriptors that a service manager passes by name.
@Suite(.hangLimit)
struct PassedDescriptorsTests {
    private func passed(_ environment: [String: String], process: pid_t = 7) throws -> PassedDescriptors {
        try PassedDescriptors(process: process) { environment[$0] }
    }

    private func take(_ name: String, _ environment: [String: String]) throws -> [CInt] {
        var all = try passed(environment)
        return try all.take(named: name)
    }

    @Test("names stand for descriptors from 3 on; several may have one")
    func names() throws {
        let environment = ["LISTEN_PID": "7", "LISTEN_FDS": "4", "LISTEN_FDNAMES": "feed:admin:feed:"]
        #expect(try take("feed", environment) == [3, 5])
        #expect(try take("admin", environment) == [4])
        #expect(try take("", environment) == [6])
        #expect(try take("unknown", ["LISTEN_PID": "7", "LISTEN_FDS": "2"]) == [3, 4])
    }

    @Test("what has been taken is gone until it is given back")
    func once() throws {
        var all = try passed(["LISTEN_PID": "7", "LISTEN_FDS": "2", "LISTEN_FDNAMES": "a:b"])
        #expect(try all.take(named: "a") == [3])
        let error = #expect(throws: ZMQError.self) { try all.take(named: "a") }
        #expect(
            error?.code == .noSuchEndpoint && error?.message.contains("there are \"b\"") == true,
            "\(error!.message)"
        )
        all.giveBack([3], named: "a")
        #expect(try all.take(named: "a") == [3])
    }

    @Test(
        "without descriptors for this process there is none",
        arguments: [
            [:], ["LISTEN_PID": "8", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "a"], ["LISTEN_FDS": "1"],
            ["LISTEN_PID": "7"],
            ["LISTEN_PID": "7", "LISTEN_FDS": "0", "LISTEN_FDNAMES": ""], ["LISTEN_PID": "7", "LISTEN_FDS": "0"],
        ]
    )
    func none(environment: [String: String]) throws {
        let error = #expect(throws: ZMQError.self) { try take("a", environment) }
        #expect(error?.code == .noSuchEndpoint && error?.message.hasSuffix("there is none") == true)
    }

    @Test(
        "an environment that makes no sense is refused by name",
        arguments: [
            (["LISTEN_PID": "seven", "LISTEN_FDS": "1"], "LISTEN_PID"),
            (["LISTEN_PID": "7", "LISTEN_FDS": "-1"], "LISTEN_FDS"),
            (["LISTEN_PID": "7", "LISTEN_FDS": "2147483647"], "LISTEN_FDS"),
            (["LISTEN_PID": "7", "LISTEN_FDS": ""], "LISTEN_FDS"),
            (["LISTEN_PID": "7", "LISTEN_FDS": "2", "LISTEN_FDNAMES": "a"], "LISTEN_FDNAMES"),
            (["LISTEN_PID": "7", "LISTEN_FDS": "0", "LISTEN_FDNAMES": "a"], "LISTEN_FDNAMES"),
        ]
    )
    func invalid(environment: [String: String], culprit: String) throws {
        let error = #expect(throws: ZMQError.self) { try passed(environment) }
        #expect(error?.code == .invalidArgument && error?.message.hasPrefix("\(culprit) ") == true)
    }

    @Test("a socket listens on all descriptors of a name, each once", arguments: [0, 1])
    func binding(ioThreads: Int) async {
        await #expect(processExitsWith: .success) { [ioThreads] in
            try withScene(in: Context(ioThreads: ioThreads)) { scene in
                let servers = [try RawListener(), try RawListener()].sorted { $0.descriptor < $1.descriptor }
                let endpoints = servers.map(\.endpoint)
                let numbers = servers.map { Int($0.release()) }
                // A descriptor that does not listen stands in between, or behind.
                let other = open("/dev/null", O_RDONLY)
                let last = max(numbers[1], Int(other))
                var names = [String](repeating: "", count: last - 2)
                names[numbers[0] - 3] = "feed"
                names[numbers[1] - 3] = "feed"
                names[Int(other) - 3] = "null"
                setenv("LISTEN_PID", "\(getpid())", 1)
                setenv("LISTEN_FDS", "\(names.count)", 1)
                setenv("LISTEN_FDNAMES", names.joined(separator: ":"), 1)

                let pull = try scene.pull()
                let missing = #expect(throws: ZMQError.self) { try pull.bind(passed: "none") }
                #expect(missing?.code == .noSuchEndpoint)
                for _ in 0..<2 {
                    let refused = #expect(throws: ZMQError.self) { try pull.bind(passed: "null") }
                    #expect(refused?.code == .invalidArgument, "it is refused again, not taken")
                }
                #expect(try pull.bind(passed: "feed") == endpoints)
                let again = #expect(throws: ZMQError.self) { try pull.bind(passed: "feed") }
                #expect(again?.code == .noSuchEndpoint)
                for endpoint in endpoints {
                    let push = try scene.push()
                    try push.connect(endpoint)
                    #expect(try push.send("x") == .accepted)
                }
                try scene.run(until: { pull.statistics.messagesReceived == 2 })
                close(other)
            }
        }
    }
}
