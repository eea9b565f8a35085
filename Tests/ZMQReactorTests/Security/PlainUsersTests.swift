#if Curve
    import Synchronization
    import Testing
    import ZMQReactorTestSupport

    @testable import ZMQReactor

    /// PLAIN users and their passwords.
    @Suite(.hangLimit) struct PlainUsersTests {
        private func hash(_ password: String) throws -> PasswordHash {
            try PasswordHash(of: Password(password), cost: .minimum)
        }

        private func request(_ name: String, _ password: String) -> AuthenticationRequest {
            AuthenticationRequest(.plain(username: name, Password(password)))
        }

        @Test("a user needs the user's own password") func passwords() async throws {
            let users = try PlainUsers(["alice": hash("secret"), "bob": hash("other"), "": hash("")])
            let authenticator = Authenticator.users(users)
            #expect(try await authenticator(request("alice", "secret")) == .accept(userID: "alice"))
            #expect(try await authenticator(request("", "")) == .accept(userID: ""))
            let refusal = AuthenticationVerdict.refuse("the user name or the password is wrong")
            // carol does not exist, whoever's password she tries.
            for (name, password) in [
                ("alice", "other"), ("alice", ""), ("Alice", "secret"), ("carol", "secret"), ("carol", "other"),
                ("carol", ""),
            ] {
                #expect(try await authenticator(request(name, password)) == refusal)
            }
            #expect(
                try await authenticator(AuthenticationRequest(.null)) == .refuse("the mechanism is NULL, not PLAIN")
            )
        }

        @Test("a name is its bytes: another spelling of the same text is another name") func spelling() async throws {
            let users = try PlainUsers(["Ren\u{E9}": hash("secret")])
            let authenticator = Authenticator.users(users)
            #expect(try await authenticator(request("Ren\u{E9}", "secret")).isAccepted)
            #expect(try await !authenticator(request("Rene\u{301}", "secret")).isAccepted)
        }

        @Test("users come and go") func changes() async throws {
            let users = try PlainUsers()
            let authenticator = Authenticator.users(users)
            #expect(try await !authenticator(request("alice", "secret")).isAccepted)
            try users.set(hash("secret"), for: "alice")
            #expect(try await authenticator(request("alice", "secret")).userID == "alice")
            try users.set(hash("changed"), for: "alice")
            #expect(try await !authenticator(request("alice", "secret")).isAccepted)
            #expect(try await authenticator(request("alice", "changed")).isAccepted)
            #expect(users.names == ["alice"] && users.hash(of: "alice") != nil)
            #expect(users.remove("alice") && !users.remove("alice") && users.hash(of: "alice") == nil)
            #expect(try await !authenticator(request("alice", "changed")).isAccepted)
        }

        @Test("what PLAIN cannot carry, and numbers out of range, are errors") func arguments() throws {
            let long = String(repeating: "x", count: 256)
            let hash = try hash("")
            let calls: [() throws -> Void] = [
                { _ = try PlainUsers([long: hash]) }, { try PlainUsers().set(hash, for: long) },
                { _ = try PlainUsers(concurrency: 0) }, { _ = try PlainUsers(waitingLimit: -1) },
            ]
            for call in calls {
                let error = #expect(throws: ZMQError.self) { try call() }
                #expect(error?.code == .invalidArgument)
            }
        }

        /// Verifications that wait until they may go on, in place of those that compute a hash.
        private final class SlowHashes: Sendable {
            struct State {
                var running = 0
                var mostAtATime = 0
                var started = 0
                var hashes: Set<PasswordHash> = []
                var isOpen = false
            }

            let state = Monitor(State())

            func verify(_ hash: PasswordHash, _ password: Password) throws -> Bool {
                state.withLock { state in
                    state.started += 1
                    state.running += 1
                    state.mostAtATime = max(state.mostAtATime, state.running)
                    state.hashes.insert(hash)
                }
                let isOpen = state.wait(within: .seconds(30)) { $0.isOpen ? true : nil }
                state.withLock { $0.running -= 1 }
                guard isOpen == true else { throw TestFailure("it stays closed") }
                return password == Password("right")
            }

            func open() { state.withLock { $0.isOpen = true } }

            func waitFor(_ what: String, _ condition: (State) -> Bool) async throws {
                let start = ContinuousClock.now
                while !state.withLock({ condition($0) }) {
                    guard ContinuousClock.now - start < .seconds(10) * slowness else {
                        throw TestFailure("waited for \(what) in vain")
                    }
                    await Task.yield()
                }
            }
        }

        @Test("so many passwords are verified at a time, so many wait, and the others may try again")
        func flood() async throws {
            let slow = SlowHashes()
            let users = try PlainUsers(["alice": hash("")], concurrency: 2, waitingLimit: 3, verify: slow.verify)
            let authenticator = Authenticator.users(users)
            let verdicts = try await withThrowingTaskGroup(of: AuthenticationVerdict.self) { group in
                for _ in 0..<2 { group.addTask { try await authenticator(request("alice", "right")) } }
                try await slow.waitFor("two threads") { $0.started == 2 }
                for index in 0..<20 { group.addTask { try await authenticator(request("\(index)", "right")) } }
                // Those that find no place have their answer while the others wait.
                var verdicts: [AuthenticationVerdict] = []
                for _ in 0..<17 { verdicts.append(try await group.next()!) }
                #expect(verdicts.allSatisfy { $0 == .refuseTemporarily("too many passwords wait to be verified") })
                #expect(slow.state.withLock { $0.started } == 2)
                slow.open()
                for try await verdict in group { verdicts.append(verdict) }
                return verdicts
            }
            #expect(verdicts.count { $0.userID == "alice" } == 2)
            #expect(verdicts.count { $0 == .refuse("the user name or the password is wrong") } == 3)
            let state = slow.state.withLock { $0 }
            #expect(state.started == 5 && state.mostAtATime == 2)
        }

        @Test("an unknown name costs the hash of one of the users, and is refused even with the right password")
        func unknown() async throws {
            let hashes = try ["a", "b", "c"].map { (key: $0, value: try hash($0)) }
            let slow = SlowHashes()
            slow.open()
            let users = try PlainUsers(Dictionary(uniqueKeysWithValues: hashes), verify: slow.verify)
            for _ in 0..<3 {
                let verdict = try await Authenticator.users(users)(request("mallory", "right"))
                #expect(verdict == .refuse("the user name or the password is wrong"))
            }
            let state = slow.state.withLock { $0 }
            // Always the same one: a name whose cost changed would be an unknown one.
            #expect(state.started == 3 && state.hashes.count == 1)
            #expect(state.hashes.isSubset(of: hashes.map(\.value)))
        }

        @Test("a password whose connection has ended is not verified any more") func cancelled() async throws {
            let slow = SlowHashes()
            let (hash, password) = (try hash(""), Password("right"))
            let checks = PasswordChecks(concurrency: 1, waitingLimit: 1, verify: slow.verify)
            let first = Task { await checks.check(password, against: hash) }
            try await slow.waitFor("a thread") { $0.started == 1 }
            let second = Task { await checks.check(password, against: hash) }
            try await slow.waitFor("the second check") { _ in checks.waitingCount == 1 }
            second.cancel()
            #expect(await second.value == .cancelled && checks.waitingCount == 0)
            // Cancelled before it could wait.
            let third = Task {
                while !Task.isCancelled { await Task.yield() }
                return await checks.check(password, against: hash)
            }
            third.cancel()
            #expect(await third.value == .cancelled)
            // They have made room.
            let fourth = Task { await checks.check(password, against: hash) }
            slow.open()
            #expect(await first.value == .matches)
            #expect(await fourth.value == .matches)
            #expect(slow.state.withLock { $0.started } == 2)
        }

        @Test("a hash that cannot be computed is no refusal for good") func failing() async throws {
            struct NoMemory: Error {}
            let users = try PlainUsers(["alice": hash("")]) { _, _ in throw NoMemory() }
            let verdict = try await Authenticator.users(users)(request("alice", ""))
            #expect(verdict == .refuseTemporarily("the password cannot be verified now"))
        }

        @Test("the loop goes on while a password is verified, with and without I/O threads", arguments: [0, 1])
        func loop(ioThreads: Int) throws {
            let slow = SlowHashes()
            let users = try PlainUsers(["alice": hash("")], verify: slow.verify)
            try withScene(in: Context(ioThreads: ioThreads)) { scene in
                let pull = try scene.pull { $0.security = .plainServer(authenticator: .users(users)) }
                let push = try scene.push {
                    $0.security = try! .plainClient(username: "alice", password: Password("right"))
                }
                try push.connect(pull.bind(anyPort))
                let (other, peer) = (try scene.pull(), try scene.push())
                try peer.connect(other.bind(anyPort))
                try scene.run(until: { slow.state.withLock { $0.started == 1 } }, "the verification")
                for index in 0..<10 {
                    _ = try peer.send("\(index)")
                    #expect(try scene.receive(other).text == "\(index)")
                }
                #expect(pull.peerCount == 0)
                slow.open()
                _ = try push.send("hello")
                #expect(try scene.receive(pull) == "hello")
                #expect(pull.connections.first?.peer.userID == "alice")
            }
        }

        @Test("a client with a wrong password is refused, and a right one served") func sockets() throws {
            let users = try PlainUsers(["alice": hash("secret")])
            for (password, isAccepted) in [("secret", true), ("guess", false)] {
                try withScene { scene in
                    var reason: EventReason?
                    let pull = try scene.pull { $0.security = .plainServer(authenticator: .users(users)) }
                    pull.onEvent = { reason = reason ?? $1.reason }
                    let push = try scene.push {
                        $0.security = try! .plainClient(username: "alice", password: Password(password))
                    }
                    try push.connect(pull.bind(anyPort))
                    try scene.run(until: { reason != nil || pull.peerCount == 1 }, "a decision")
                    #expect((reason == nil) == isAccepted && (reason?.kind ?? .notAuthenticated) == .notAuthenticated)
                    #expect(reason?.message.contains("guess") != true)
                }
            }
        }
    }
#endif
