extension Proxy {
    static func check(frontend: Socket, backend: Socket, capture: Socket?, control: Socket?) throws(ZMQError) {
        for (name, socket) in [("frontend", frontend), ("backend", backend)] {
            try checkFree(socket, name)
            guard !socket.type.traits.contains(.lockstep) else {
                throw unsuitable(
                    name,
                    "\(socket.type) works in lockstep with its peer; use ROUTER for REQ peers, DEALER for REP peers"
                )
            }
        }
        guard frontend.canForward(to: backend) || backend.canForward(to: frontend) else {
            throw unsuitable(
                "backend",
                "nothing can pass between \(frontend.type) and \(backend.type): one must receive and the other send"
            )
        }
        if let capture {
            try checkFree(capture, "capture")
            guard capture.type.traits.contains(.captures) else {
                throw unsuitable("capture", "\(capture.type) cannot capture; use PUB, PUSH, DEALER or PAIR")
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
            throw unsuitable("\(socket.type)", "all sockets of a proxy must be on the same reactor")
        }
        let others = all.dropFirst(2)
        for socket in others where all.count(where: { $0 === socket }) > 1 {
            throw unsuitable("\(socket.type)", "capture and control must be separate sockets")
        }
    }

    private static func checkFree(_ socket: Socket, _ name: String) throws(ZMQError) {
        guard socket.state == .open else { throw socket.closedError() }
        guard !socket.canDeliver else {
            throw unsuitable(name, "the socket has a handler; create it without one")
        }
        guard socket.consumer == nil else {
            throw unsuitable(name, "the socket is already used by another proxy or by tasks")
        }
    }

    private static func unsuitable(_ name: String, _ reason: String) -> ZMQError {
        ZMQError(.invalidArgument, reason, option: name)
    }
}
