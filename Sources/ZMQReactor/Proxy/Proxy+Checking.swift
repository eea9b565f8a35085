extension Proxy {
    static func check(frontend: Socket, backend: Socket, capture: Socket?, control: Socket?) throws(ZMQError) {
        for (name, socket) in [("frontend", frontend), ("backend", backend)] {
            try checkFree(socket, name)
            guard !socket.type.traits.contains(.lockstep) else {
                throw unsuitable(
                    name,
                    "\(socket.type) is in lock step with its peer; use ROUTER for REQ peers, DEALER for REP peers"
                )
            }
        }
        guard
            frontend.isForwardingSource && backend.isForwardingSink
                || backend.isForwardingSource && frontend.isForwardingSink
        else {
            throw unsuitable(
                "backend",
                "nothing can pass between \(frontend.type) and \(backend.type): one has to receive what the other sends"
            )
        }
        if let capture {
            try checkFree(capture, "capture")
            guard capture.type.traits.contains(.captures) else {
                throw unsuitable("capture", "\(capture.type) cannot show messages; use PUB, PUSH, DEALER or PAIR")
            }
        }
        if let control {
            try checkFree(control, "control")
            guard control.type.traits.contains(.controls) else {
                throw unsuitable("control", "\(control.type) cannot receive commands; use PAIR, REP, PULL or SUB")
            }
        }
        let all = [frontend, backend, capture, control].compactMap(\.self)
        for socket in all where socket.reactor !== frontend.reactor {
            throw unsuitable("\(socket.type)", "all sockets of a proxy live on one reactor; create them on the same")
        }
        let others = all.dropFirst(2)
        for socket in others where all.count(where: { $0 === socket }) > 1 {
            throw unsuitable("\(socket.type)", "capture and control are sockets of their own")
        }
    }

    private static func checkFree(_ socket: Socket, _ name: String) throws(ZMQError) {
        guard socket.state == .open else { throw socket.closedError() }
        guard !socket.hasReceiver else {
            throw unsuitable(name, "the socket has a handler, which takes its messages; create it without one")
        }
        guard socket.consumer == nil else {
            throw unsuitable(name, "the socket is used already, by another proxy or by tasks that await")
        }
    }

    private static func unsuitable(_ name: String, _ reason: String) -> ZMQError {
        ZMQError(.invalidArgument, reason, option: name)
    }
}
