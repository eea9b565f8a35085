import CSockets
import EventReactor
import Glibc
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// What shared memory takes of a process and leaves in it, and what is done when there is none to be had. In processes of
/// their own.
@Suite(.hangLimit)
struct RingResourceTests {
    /// The rings that are mapped into this process.
    private static func mappings() throws -> [UnsafeRawBufferPointer] {
        try readFile("/proc/self/maps").split(separator: "\n").filter { $0.contains("memfd:zmq-reactor") }.map { line in
            let addresses = line.prefix { $0 != " " }.split(separator: "-").map { UInt($0, radix: 16)! }
            return UnsafeRawBufferPointer(
                start: UnsafeRawPointer(bitPattern: addresses[0]),
                count: Int(addresses[1] - addresses[0])
            )
        }
    }

    @Test("descriptors and mappings are back when everything is closed", arguments: [0, 1])
    func resources(ioThreads: Int) async {
        await #expect(processExitsWith: .success) { [ioThreads] in
            func round() throws {
                try withScene(in: Context(ioThreads: ioThreads)) { scene in
                    let pull = try scene.pull()
                    let endpoint = try pull.bind(Unique.ipcEndpoint())
                    let pushes = try (0..<5).map { _ in
                        let push = try scene.push()
                        try push.connect(endpoint)
                        #expect(try push.send("x") == .accepted)
                        return push
                    }
                    #expect(try scene.receive(5, pull) == ["x", "x", "x", "x", "x"])
                    #expect(try RingResourceTests.mappings().count == 10)
                    #expect(RingResourceTests.files() == 0, "a file is open only until it is mapped")
                    try scene.close(pushes[0])
                    try pushes[1].disconnect(endpoint)
                }
                try waitUntil("the mappings to go") { try RingResourceTests.mappings().isEmpty }
            }
            try round()
            let before = ProcessResources.socketAndLoopCount()
            for _ in 0..<3 { try round() }
            try waitUntil("the descriptors to be closed") { ProcessResources.socketAndLoopCount() <= before }
        }
    }

    /// The memory files that are open.
    private static func files() -> Int {
        ProcessResources.openDescriptors().values.count { $0.contains("zmq-reactor") }
    }

    /// Whether a text is in the memory.
    private static func contains(_ text: String) throws -> Bool {
        let text = Array(text.utf8)
        return try mappings().contains { memory in
            var rest = memory
            while let start = rest.baseAddress, let found = memchr(start, CInt(text[0]), rest.count) {
                rest = UnsafeRawBufferPointer(rebasing: rest[(UnsafeRawPointer(found) - start)...])
                if rest.count >= text.count, memcmp(rest.baseAddress!, text, text.count) == 0 { return true }
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst())
            }
            return false
        }
    }

    #if Curve
        @Test(
            "the memory has what the socket would have: with CURVE nothing that can be read",
            arguments: [false, true]
        )
        func secrets(isCurve: Bool) async {
            await #expect(processExitsWith: .success) { [isCurve] in
                let keys = try CurveKeyPair()
                try withScene(in: Context()) { scene in
                    let pull = try scene.pull {
                        if isCurve { $0.security = try! .curveServer(keys, authenticator: .acceptAll) }
                    }
                    let push = try scene.push {
                        if isCurve { $0.security = try! .curveClient(serverKey: keys.publicKey) }
                    }
                    try push.connect(pull.bind(Unique.ipcEndpoint()))
                    let text = "Zebras are kept in secret stables."
                    #expect(try push.send(text) == .accepted)
                    #expect(try scene.receive(pull).text == text)
                    #expect(try RingResourceTests.mappings().count == 2)
                    #expect(try RingResourceTests.contains(text) == !isCurve)
                }
            }
        }
    #endif

    // MARK: What is not to be had

    /// What a process may be without.
    enum Shortage: String, Codable, CaseIterable {
        case descriptors, fileSize

        /// Calls the closure with none left.
        func during<Result>(_ body: () throws -> Result) throws -> Result {
            let resource = __rlimit_resource_t((self == .descriptors ? RLIMIT_NOFILE : RLIMIT_FSIZE).rawValue)
            var before = rlimit()
            getrlimit(resource, &before)
            var limit = before
            limit.rlim_cur = 0
            guard setrlimit(resource, &limit) == 0 else { throw TestFailure(call: "setrlimit", errno: errno) }
            defer { setrlimit(resource, &before) }
            return try body()
        }
    }

    @Test("SHM-2: a side without descriptors, or without files, offers no memory", arguments: Shortage.allCases)
    func noOffer(shortage: Shortage) async {
        await #expect(processExitsWith: .success) { [shortage] in
            try withScene(in: Context()) { scene in
                let listener = try RingListener(scene)
                let push = try scene.push()
                try push.connect(listener.endpoint)
                #expect(try push.send("by the socket") == .accepted)
                let peer = try listener.accept()
                try shortage.during { try listener.negotiate(peer, as: "PULL", until: .declined) }
                try scene.wait("the message") { peer.hasReceived(Wire.message("by the socket")) }
                #expect(RingPoller.on(scene.reactor).ringCount == 0)
            }
        }
    }

    @Test("SHM-2: a side without descriptors refuses the memory")
    func noDescriptorForIt() async {
        await #expect(processExitsWith: .success) {
            try withScene(in: Context()) { scene in
                let pull = try scene.pull()
                let peer = try RingPeer(scene, as: "PUSH", to: pull.bind(Unique.ipcEndpoint()))
                let file = RingMemory.make(capacity: 4096)
                peer.send(SharingRecord.offer(capacity: 4096).bytes, with: file)
                #expect(try Shortage.descriptors.during { try peer.answer() } == .refused)
                close(file)
                peer.raw.send(Wire.message("by the socket"))
                #expect(try scene.receive(pull).text == "by the socket")
            }
        }
    }

    @Test("SHM-3: processes of different users share nothing", .enabled(if: getuid() == 0, "only root can change it"))
    func users() async {
        await #expect(processExitsWith: .success) {
            try withScene(in: Context()) { scene in
                let pull = try scene.pull()
                let endpoint = try pull.bind(Unique.abstractEndpoint())
                let push = try scene.push()
                // The listener stays one of root.
                #expect(seteuid(65534) == 0)
                defer { seteuid(0) }
                try push.connect(endpoint)
                #expect(try push.send("by the socket") == .accepted)
                #expect(try scene.receive(pull).text == "by the socket")
                #expect(RingPoller.on(scene.reactor).ringCount == 0)
            }
        }
    }

    @Test("files that a peer passes behind its record are not kept, and bytes of the socket mean nothing")
    func filesBehindTheRecord() async {
        await #expect(processExitsWith: .success) {
            try withScene(in: Context()) { scene in
                let pull = try scene.pull()
                let peer = try RingPeer(scene, as: "PUSH", to: pull.bind(Unique.ipcEndpoint()))
                try peer.share()
                let file = RingMemory.make(capacity: 4096)
                for _ in 0..<50 {
                    peer.send([UInt8](repeating: 0xFF, count: 100), with: file)
                    scene.reactor.run(.nowait)
                }
                try peer.write(Wire.message("through the ring"))
                #expect(try scene.receive(pull).text == "through the ring")
                // All but this one.
                try scene.wait("the files to be gone") { RingResourceTests.files() == 1 }
                close(file)
            }
        }
    }
}
