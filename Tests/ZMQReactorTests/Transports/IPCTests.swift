import Glibc
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Behaviour of ipc alone.
struct IPCTests {
    private func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    private func path(_ endpoint: String) -> String { String(endpoint.dropFirst("ipc://".count)) }

    @Test func TOP23_aLaterProcessTakesOver() throws {
        try withScene { scene in
            let endpoint = Unique.ipcEndpoint()
            let first = try scene.pull()
            try first.bind(endpoint)
            let early = try scene.push()
            try early.connect(endpoint)
            try scene.run(until: { first.peerCount == 1 })

            let second = try LibzmqPeer(.pull)
            try second.bind(endpoint)
            let late = try scene.push()
            try late.connect(endpoint)
            #expect(try late.send("new") == .accepted)
            #expect(try scene.reactor.run(until: second.receiving()) == [Array("new".utf8)])
            // Existing connections stay with the first socket.
            #expect(try early.send("old") == .accepted)
            try scene.run(until: { first.statistics.messagesReceived == 1 })

            // The file is no longer ours.
            try first.unbind(endpoint)
            #expect(exists(path(endpoint)))
            let third = try scene.pull()
            try third.bind(endpoint)
            try third.unbind(endpoint)
            #expect(!exists(path(endpoint)))
        }
    }

    @Test func TOP24_aFileLeftBehindByACrash() throws {
        try withScene { scene in
            let endpoint = Unique.ipcEndpoint()
            let peer = try LibzmqPeer(.pull)
            try peer.bind(endpoint)
            try peer.kill()
            #expect(exists(path(endpoint)))
            let pull = try scene.pull()
            try pull.bind(endpoint)
            let push = try scene.push()
            try push.connect(endpoint)
            #expect(try push.send("x") == .accepted)
            try scene.run(until: { pull.statistics.messagesReceived == 1 })
            try scene.close(pull)
            #expect(!exists(path(endpoint)))
        }
    }

    @Test func foreignFilesStay() throws {
        try withScene { scene in
            let path = Unique.path()
            let file = open(path, O_CREAT | O_WRONLY, 0o600)
            #expect(file >= 0)
            close(file)
            defer { unlink(path) }
            let pull = try scene.pull()
            let taken = #expect(throws: ZMQError.self) { try pull.bind("ipc://\(path)") }
            #expect(taken?.code == .addressInUse)
            #expect(taken?.message.contains("not a socket's") == true)
            #expect(exists(path))
            let missing = #expect(throws: ZMQError.self) { try pull.bind("ipc:///no/such/directory/x.ipc") }
            #expect(missing?.code == .system(ENOENT))
            #expect(missing?.errnoName == "ENOENT")
        }
    }

    @Test func wildcard() throws {
        try withScene { scene in
            let (one, other) = (try scene.pull(), try scene.pull())
            let endpoints = [try one.bind("ipc://*"), try other.bind("ipc://*")]
            #expect(endpoints[0] != endpoints[1])
            for (pull, endpoint) in zip([one, other], endpoints) {
                let push = try scene.push()
                try push.connect(endpoint)
                #expect(try push.send("x") == .accepted)
                try scene.run(until: { pull.statistics.messagesReceived == 1 })
                try pull.unbind(endpoint)
                #expect(!exists(String(path(endpoint).dropLast("/socket".count))))
            }
        }
    }

    @Test func TRN06_permissionsControlAccess() throws {
        try withScene { scene in
            let endpoint = Unique.ipcEndpoint()
            for mode in [0o600, 0o666, 0o777] as [UInt32] {
                let pull = try scene.pull { $0.ipcPermissions = mode }
                try pull.bind(endpoint)
                var status = stat()
                #expect(stat(path(endpoint), &status) == 0)
                #expect(status.st_mode & 0o777 == mode)
                try scene.close(pull)
            }
            let error = #expect(throws: ZMQError.self) { try scene.pull { $0.ipcPermissions = 0o1777 } }
            #expect(error?.option == "ipcPermissions")
        }
    }

    @Test func TRN06_anotherUserIsRejectedUnlessThePermissionsAllow() throws {
        guard getuid() == 0 else { return }  // only root can change the user
        try withScene { scene in
            let endpoint = Unique.ipcEndpoint()
            let pull = try scene.pull { $0.ipcPermissions = 0o600 }
            try pull.bind(endpoint)
            let client = """
                import os, sys, zmq
                os.setuid(65534)
                context = zmq.Context()
                push = context.socket(zmq.PUSH)
                push.connect(sys.argv[1])
                push.send(b"in")
                print("sent", flush=True)
                push.close(20000)
                context.term()
                """
            let child = try ChildProcess("/usr/bin/python3", ["-c", client, endpoint])
            try child.expectOutput("sent")
            scene.settle(.milliseconds(300))
            #expect(child.isRunning && pull.connections.isEmpty && pull.statistics.messagesReceived == 0)
            chmod(path(endpoint), 0o666)
            try scene.run(until: { pull.statistics.messagesReceived == 1 })
        }
    }

    @Test func TRN07_relativePaths() throws {
        // In its own process: the working directory is shared by all threads.
        _ = Unique.name()
        let directory = Unique.path()
        mkdir(directory, 0o700)
        defer { rmdir(directory) }
        try withScene { scene in
            let pull = try LibzmqPeer(.pull)
            let name = Unique.name() + ".ipc"
            let absolute = Project.currentDirectory + "/" + name
            let push = try scene.push()
            try push.connect("ipc://\(name)")
            try pull.bind("ipc://\(absolute)")
            defer { unlink(absolute) }
            #expect(try push.send("x") == .accepted)
            #expect(try scene.reactor.run(until: pull.receiving()) == [[120]])

            let other = Unique.name() + ".ipc"
            let bound = try scene.pull()
            #expect(try bound.bind("ipc://\(other)") == "ipc://\(other)")
            #expect(exists(Project.currentDirectory + "/" + other))
            try bound.unbind("ipc://\(other)")
            #expect(!exists(Project.currentDirectory + "/" + other))
        }
    }

    @Test func TRN08_pathsThatAreTooLong() throws {
        try withScene { scene in
            let pull = try scene.pull()
            let stem = "/tmp/" + Unique.name()
            let fitting = stem + String(repeating: "x", count: 107 - stem.utf8.count)
            try pull.bind("ipc://\(fitting)")
            try pull.unbind("ipc://\(fitting)")
            for plug in [{ _ = try pull.bind($0) }, { try pull.connect($0) }] as [(String) throws -> Void] {
                let error = #expect(throws: ZMQError.self) { try plug("ipc://\(fitting)x") }
                #expect(error?.code == .nameTooLong)
            }
        }
    }

    @Test func peersAreFilteredByTheirCredentials() throws {
        try withScene { scene in
            let endpoint = Unique.ipcEndpoint()
            let push = try scene.push()
            try push.connect(endpoint)
            typealias Change = (inout SocketOptions) -> Void
            let ours: [Change] = [
                { $0.ipcAllowedUsers = [getuid()] }, { $0.ipcAllowedGroups = [getgid()] },
                { $0.ipcAllowedProcesses = [getpid()] },
                { ($0.ipcAllowedUsers, $0.ipcAllowedProcesses) = ([4711], [getpid()]) },
            ]
            for change in ours {
                let pull = try scene.pull(change)
                try pull.bind(endpoint)
                try scene.run(until: { pull.peerCount == 1 })
                #expect(pull.connections[0].peer.address == "pid \(getpid()) uid \(getuid())")
                try scene.close(pull)
            }
            let pull = try scene.pull { ($0.ipcAllowedUsers, $0.ipcAllowedGroups) = ([4711], [4711]) }
            var reasons: [EventReason] = []
            pull.onEvent = { _, event in if case .handshakeFailed(_, _, let reason) = event { reasons.append(reason) } }
            try pull.bind(endpoint)
            try scene.run(until: { reasons.count == 2 })
            #expect(reasons[0].kind == .notAllowed)
            #expect(pull.connections.isEmpty)
        }
    }

    @Test func libzmqOnBothEnds() throws {
        for endpoint in [Unique.ipcEndpoint(), Unique.abstractEndpoint()] {
            try withScene { scene in
                let inbox = Recorder()
                let pull = try scene.pull { inbox.add($1) }
                try pull.bind(endpoint)
                let peer = try LibzmqPeer(.push)
                try peer.connect(endpoint)
                let sending = try peer.sending(["x"])
                try scene.reactor.run(until: sending)
                try scene.run(until: { inbox.texts == ["x"] })
            }
        }
    }
}
