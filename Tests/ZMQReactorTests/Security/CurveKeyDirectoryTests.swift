import Glibc
import Synchronization
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Directories of the keys of clients, and authenticators by key.
@Suite(.hangLimit) struct CurveKeyDirectoryTests {
    /// A key whose secret half is not kept.
    private func key(_ number: UInt8) throws -> CurvePublicKey {
        try CurvePublicKey(repeatElement(number, count: 32))
    }

    private func text(_ number: UInt8, _ metadata: [String: String] = [:]) throws -> String {
        try CertificateText.publicText(CurveCertificate(key(number), metadata: metadata))
    }

    private func verdict(_ authenticator: Authenticator, _ number: UInt8) async throws -> AuthenticationVerdict {
        try await authenticator(AuthenticationRequest(.curve(key(number))))
    }

    @Test("keys with and without names") func keys() async throws {
        let plain = try Authenticator.keys([key(1), key(2)])
        #expect(try await verdict(plain, 1) == .accept(userID: key(1).z85))
        #expect(try await verdict(plain, 3) == .refuse("the key \(key(3).z85) is not known"))
        let named = try Authenticator.keys([key(1): "alice", key(2): ""])
        #expect(try await verdict(named, 1) == .accept(userID: "alice"))
        #expect(try await verdict(named, 2) == .accept)
        #expect(try await verdict(named, 3).isAccepted == false)
        let directory = Authenticator.keys(in: CurveKeyDirectory("/nonexistent"))
        for authenticator in [plain, named, directory] {
            let request = AuthenticationRequest(.plain(username: "alice", Password("")))
            #expect(try await authenticator(request) == .refuse("the mechanism is PLAIN, not CURVE"))
        }
    }

    @Test("certificates come, change and go; each question finds them as they are") func changes() async throws {
        let files = try TemporaryDirectory()
        let directory = CurveKeyDirectory(files.path, checkInterval: .zero)
        let authenticator = Authenticator.keys(in: directory)
        #expect(try await !verdict(authenticator, 1).isAccepted)
        try files.write("alice.key", text(1))
        #expect(try await verdict(authenticator, 1) == .accept(userID: "alice"))
        // The same size, at the same time: only the content shows it.
        try files.write("alice.key", text(2))
        #expect(try await !verdict(authenticator, 1).isAccepted)
        #expect(try await verdict(authenticator, 2).isAccepted)
        try files.write("alice.key", "oops")
        #expect(try await !verdict(authenticator, 2).isAccepted)
        #expect(directory.problems["alice.key"]?.contains("it has no public key") == true)
        try files.write("alice.key", text(2))
        #expect(try await verdict(authenticator, 2).isAccepted && directory.problems.isEmpty)
        try files.write("bob.key", text(3))
        try files.remove("alice.key")
        #expect(try await !verdict(authenticator, 2).isAccepted)
        #expect(try await verdict(authenticator, 3).userID == "bob")
    }

    @Test("a file is read again only when it has changed") func unchanged() throws {
        let files = try TemporaryDirectory()
        try files.write("a", text(1))
        func look(_ former: KnownFile?) -> (file: KnownFile, isNew: Bool) {
            KnownFile.look(at: files.file("a"), former: former)
        }
        // It has just been written: a change within the same tick of the clock would not show.
        let fresh = look(look(nil).file)
        #expect(fresh.isNew)
        // The time of the change of status is the system's, so wait for it to be past.
        var settled = fresh.file
        try waitUntil("an unchanged file") {
            let next = look(settled)
            settled = next.file
            return !next.isNew
        }
        let descriptor = open(files.file("a"), O_WRONLY | O_CLOEXEC)
        defer { close(descriptor) }
        #expect(write(descriptor, "#", 1) == 1)
        #expect(look(settled).isNew)
    }

    @Test("the directory is looked at once in a second, at the moment of a question") func interval() throws {
        let files = try TemporaryDirectory()
        let time = Mutex(ContinuousClock.now)
        let directory = CurveKeyDirectory(files.path, checkInterval: .seconds(1), fileLimit: 10) {
            time.withLock { $0 }
        }
        let key = try key(1)
        #expect(directory.entry(for: key) == nil)
        try files.write("a", text(1))
        time.withLock { $0 += .milliseconds(999) }
        #expect(directory.entry(for: key) == nil)
        time.withLock { $0 += .milliseconds(1) }
        #expect(directory.entry(for: key)?.userID == "a")
        try files.remove("a")
        #expect(directory.entry(for: key)?.userID == "a")
        directory.refresh()
        #expect(directory.entry(for: key) == nil)
        try files.write("a", text(1))
        time.withLock { $0 += .milliseconds(999) }
        #expect(directory.entry(for: key) == nil)
    }

    @Test("a user is named by user-id, name, or file; other metadata are properties") func names() async throws {
        let files = try TemporaryDirectory()
        try files.write(
            "one.key",
            text(1, ["name": "Alice", "user-id": "alice", "Email": "a@b", "x/y": "z", "a@b": "c"])
        )
        try files.write("two.txt", text(2, ["name": "Bob", "user-id": ""]))
        try files.write("three.example", text(3, ["name": ""]))
        try files.write(".key", text(4))
        try files.write("four.key", text(5, ["name": String(repeating: "x", count: 256)]))
        let directory = CurveKeyDirectory(files.path, checkInterval: .zero)
        let authenticator = Authenticator.keys(in: directory)
        let properties = ["name": "Alice", "user-id": "alice", "Email": "a@b"].mapValues { Array($0.utf8) }
        #expect(try await verdict(authenticator, 1) == .accept(userID: "alice", properties: properties))
        #expect(try await verdict(authenticator, 3).userID == "three.example")
        for number in [4, 5] as [UInt8] { #expect(try await !verdict(authenticator, number).isAccepted) }
        #expect(directory.problems == ["four.key": "its user id has more than 255 bytes"])
        #expect(directory.entries.map(\.file) == ["one.key", "three.example", "two.txt"])
    }

    @Test("secret, hidden and backup files are no clients, nor what is no regular file") func skipped() throws {
        let files = try TemporaryDirectory()
        for name in ["a_secret", "a.key_secret", ".a", "a~", "a.key~"] { try files.write(name, text(1)) }
        #expect(mkdir(files.file("directory"), 0o700) == 0 && mkfifo(files.file("fifo"), 0o600) == 0)
        #expect(symlink("nowhere", files.file("dangling")) == 0)
        try files.write(".target", text(2))
        #expect(symlink(".target", files.file("link")) == 0)
        let directory = CurveKeyDirectory(files.path)
        #expect(directory.entries.map(\.file) == ["link"])
        #expect(Array(directory.problems.keys) == ["dangling"])
    }

    @Test("of two files with one key, the first counts, and the second when that is gone") func same() throws {
        let files = try TemporaryDirectory()
        for name in ["b", "a"] { try files.write(name, text(1)) }
        let directory = CurveKeyDirectory(files.path, checkInterval: .zero)
        #expect(directory.entries.map(\.file) == ["a"])
        #expect(directory.problems == ["b": "it has the same key as \"a\""])
        try files.remove("a")
        #expect(directory.entries.map(\.file) == ["b"] && directory.problems.isEmpty)
    }

    @Test("the number of files is limited, and a client with an unknown key may try again") func limit() async throws {
        let files = try TemporaryDirectory()
        for number in 1...4 as ClosedRange<UInt8> { try files.write("\(number)", text(number)) }
        let directory = CurveKeyDirectory(files.path, checkInterval: .zero, fileLimit: 3)
        #expect(directory.entries.count == 3 && directory.problems == [".": "there are more than 3 files"])
        let authenticator = Authenticator.keys(in: directory)
        #expect(try await verdict(authenticator, 9) == .refuseTemporarily("there are more than 3 files"))
        #expect(CurveKeyDirectory(files.path, fileLimit: -1).problems == [".": "there are more than 0 files"])
        try files.remove("2")
        #expect(directory.entries.map(\.file) == ["1", "3", "4"] && directory.problems.isEmpty)
        #expect(try await verdict(authenticator, 9) == .refuse("the key \(key(9).z85) is not known"))
    }

    @Test("a directory that is not there yet refuses every client, and reports that") func absent() throws {
        let files = try TemporaryDirectory()
        let directory = CurveKeyDirectory(files.file("later"), checkInterval: .zero)
        #expect(directory.entries.isEmpty && directory.problems["."]?.contains("later") == true)
        #expect(mkdir(files.file("later"), 0o700) == 0)
        try files.write("later/a", text(1))
        #expect(directory.entries.map(\.file) == ["a"] && directory.problems.isEmpty)
        #expect(unlink(files.file("later/a")) == 0 && rmdir(files.file("later")) == 0)
        #expect(directory.entries.isEmpty && directory.problems.keys.sorted() == ["."])
    }

    @Test("a client of a directory that is not there may try again, and one whose key is not in it may not")
    func doubt() async throws {
        let files = try TemporaryDirectory()
        let directory = CurveKeyDirectory(files.file("later"), checkInterval: .zero)
        let authenticator = Authenticator.keys(in: directory)
        let reason = try #require(directory.problems["."])
        #expect(try await verdict(authenticator, 1) == .refuseTemporarily(reason))
        #expect(mkdir(files.file("later"), 0o700) == 0)
        #expect(try await verdict(authenticator, 1) == .refuse("the key \(key(1).z85) is not known"))
    }

    @Test("what may pass says nothing of a file that cannot be read") func errors() {
        for number in [EACCES, EPERM, EMFILE, ENFILE, ENOMEM, EIO, ESTALE, ETIMEDOUT] {
            #expect(KnownFile.Content(.system(number, doing: "open it")).isUnreadable, "\(number)")
        }
        for number in [ENOENT, ELOOP, ENXIO] {
            #expect(!KnownFile.Content(.system(number, doing: "open it")).isUnreadable, "\(number)")
        }
        #expect(!KnownFile.Content(CertificateFile.failure("a", "it is not UTF-8")).isUnreadable)
    }

    @Test("while a file may be half-written, a client with an unknown key may try again") func halfWritten()
        async throws
    {
        let files = try TemporaryDirectory()
        let directory = CurveKeyDirectory(files.path, checkInterval: .zero)
        let authenticator = Authenticator.keys(in: directory)
        /// Writes half of a file whose time is this far from now, so that it does not matter how long the test takes.
        func writeHalf(_ offset: Int) throws {
            try files.write("alice.key", "oops")
            let times = [timespec](repeating: timespec(tv_sec: time(nil) + offset, tv_nsec: 0), count: 2)
            guard utimensat(AT_FDCWD, files.file("alice.key"), times, 0) == 0 else {
                throw TestFailure(call: "cannot set the time of a file", errno: errno)
            }
        }
        try writeHalf(3600)
        let reason = try #require(directory.problems["alice.key"])
        #expect(try await verdict(authenticator, 1) == .refuseTemporarily(reason))
        try writeHalf(-3600)
        try waitUntil("a file that has not changed for a while") {
            directory.refresh()
            return directory.isSettled
        }
        #expect(try await verdict(authenticator, 1) == .refuse("the key \(key(1).z85) is not known"))
    }

    @Test("a directory whose reading fails is not a short one") func listing() throws {
        func list(_ next: () -> UnsafeMutablePointer<dirent>?) throws -> [String] {
            try DirectoryListing.names(in: "/a", limit: 10, where: { _ in true }, next: next)
        }
        let error = #expect(throws: ZMQError.self) {
            _ = try list {
                errno = EIO
                return nil
            }
        }
        #expect(error?.code == .system(EIO) && error?.message.contains("cannot read the directory") == true)
        // What an earlier call has left says nothing.
        errno = EIO
        let rest = try list { nil }
        #expect(rest.isEmpty)
    }

    @Test("without descriptors, known clients are served, removed ones are not, and others may try again")
    func shortage() async {
        await #expect(processExitsWith: .success) {
            let files = try TemporaryDirectory()
            let directory = CurveKeyDirectory(files.path, checkInterval: .zero)
            func decide(_ number: UInt8) throws -> AuthenticationVerdict {
                guard case .immediate(let decide) = Authenticator.keys(in: directory).body else { fatalError() }
                return try decide(AuthenticationRequest(.curve(CurvePublicKey(repeatElement(number, count: 32)))))
            }
            func write(_ name: String, _ number: UInt8) throws {
                let key = try CurvePublicKey(repeatElement(number, count: 32))
                try files.write(name, CertificateText.publicText(CurveCertificate(key)))
            }
            for number in [1, 2] as [UInt8] { try write("\(number)", number) }
            try waitUntil("files that have not changed for a while") {
                directory.refresh()
                return directory.isSettled
            }
            let isKnown = try decide(1).isAccepted && decide(2).isAccepted
            precondition(isKnown)
            try write("3", 3)
            var taken: [CInt] = []
            try waitUntil("the directory to be unreadable") {
                // The test runner may free some.
                taken += DescriptorShortageTests.take(allBut: 0)
                directory.refresh()
                return directory.problems["."] != nil
            }
            let (stays, comes) = (try decide(1), try decide(3))
            try files.remove("2")
            let goes = try decide(2)
            precondition(stays.isAccepted, "\(stays)")
            for verdict in [comes, goes] {
                guard case .refused(.temporarily, let reason) = verdict.verdict else { fatalError("\(verdict)") }
                precondition(reason.contains("cannot read the directory"), reason)
            }
            for descriptor in taken { close(descriptor) }
            let (gone, unknown) = (try CurvePublicKey(repeatElement(2, count: 32)), try decide(2))
            let isServed = try decide(1).isAccepted && decide(3).isAccepted
            precondition(isServed)
            precondition(unknown == .refuse("the key \(gone) is not known"))
        }
    }

    #if Curve
        @Test("a client is served while its certificate is there, with and without I/O threads", arguments: [0, 1])
        func sockets(ioThreads: Int) throws {
            let files = try TemporaryDirectory()
            let (server, alice) = (try CurveKeyPair(), try CurveKeyPair())
            let directory = CurveKeyDirectory(files.path, checkInterval: .zero)
            try alice.writeCertificates(to: files.file("alice"), metadata: ["email": "a@b"])
            for isKnown in [true, false] {
                if !isKnown { try files.remove("alice") }
                try withScene(in: Context(ioThreads: ioThreads)) { scene in
                    var reason: EventReason?
                    let pull = try scene.pull {
                        $0.security = try! .curveServer(server, authenticator: .keys(in: directory))
                    }
                    pull.onEvent = { reason = reason ?? $1.reason }
                    let push = try scene.push {
                        let keys = try! CurveKeyPair(certificate: files.file("alice_secret"))
                        $0.security = try! .curveClient(keys, serverKey: server.publicKey)
                    }
                    try push.connect(pull.bind(anyPort))
                    try scene.run(until: { reason != nil || pull.peerCount == 1 }, "a decision")
                    #expect((reason == nil) == isKnown && reason.map { $0.kind == .notAuthenticated } != false)
                    let peer = pull.connections.first?.peer
                    #expect(!isKnown || peer?.userID == "alice" && peer?.properties == ["email": Array("a@b".utf8)])
                }
            }
        }
    #endif
}
