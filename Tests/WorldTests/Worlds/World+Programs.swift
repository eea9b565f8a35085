import ZMQReactor
import ZMQReactorTesting

// Programs and their nodes begin and end.
extension World {
    func start(_ program: Program) {
        do {
            if !program.isRunning {
                try program.begin(in: scene)
                leftovers.watch(program)
            }
        } catch {
            return ledger.report("\(program.name) cannot start: \(error)")
        }
        for node in program.nodes { start(node) }
    }

    private func start(_ node: Node) {
        guard node.party == nil, node.loop.reactor != nil, isSpeaking || !node.isSpare,
            node.program.context?.isTerminated == false
        else { return }
        do {
            node.party = try Party(node, number: ledger.parties.count, in: self)
            try node.program.relay?.begin()
        } catch {
            ledger.report("\(node.name) cannot start: \(error)")
        }
    }

    /// The program ends without a farewell.
    func kill(_ program: Program) {
        trace.add("\(program.name) is killed")
        program.end()
    }

    /// A node ends, and its program with it if that has nothing else to do.
    func close(_ node: Node, thenStartAfter delay: Duration) {
        guard node.program.nodes.count > 1, !node.isProxied else { return close(node.program, thenStartAfter: delay) }
        guard let party = node.party, party.isAlive else { return }
        party.close { [unowned self, unowned party] in
            // Not while the socket calls.
            scene.reactor.after(delay) { [unowned self] _ in
                guard node.party === party else { return }
                party.release()
                node.party = nil
                start(node.program)
            }
        }
    }

    /// A program terminates its context in the middle of everything, and ends when that is complete.
    func terminate(_ program: Program, thenStartAfter delay: Duration) {
        guard let context = program.context, !context.isTerminated else { return }
        trace.add("\(program.name) terminates its context")
        let run = program.run
        // All of the world is on this thread.
        nonisolated(unsafe) let (world, program) = (self, program)
        context.terminate { report in
            world.trace.add("\(program.name) has terminated \(report.unsentMessages)")
            world.scene.reactor.after(delay) { [unowned world] _ in
                guard program.run == run, program.isRunning else { return }
                if !program.hasCrashed, program.unsent != report.unsentMessages {
                    world.ledger.report(
                        "\(program.name) ends with \(report.unsentMessages) unsent messages, and its sockets with \(program.unsent)"
                    )
                }
                program.end()
                world.start(program)
            }
        }
        // The sockets are closed by then, and report their end to this, too.
        for loop in program.loops {
            nonisolated(unsafe) let loop = loop
            loop.reactor?.handle.submit { _ in
                for node in program.nodes where node.loop === loop { node.party?.close() }
            }
        }
    }

    /// A program closes all of its sockets, and ends when the last one has.
    func close(_ program: Program, thenStartAfter delay: Duration) {
        let parties = program.nodes.compactMap(\.party).filter(\.isAlive)
        var remaining = parties.count
        let run = program.run
        for party in parties {
            party.close { [unowned self] in
                remaining -= 1
                guard remaining == 0 else { return }
                scene.reactor.after(delay) { [unowned self] _ in
                    guard program.run == run, program.isRunning else { return }
                    program.end()
                    start(program)
                }
            }
        }
    }
}
