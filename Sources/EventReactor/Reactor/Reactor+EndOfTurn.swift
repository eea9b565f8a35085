import CLibev

/// Does something once per turn, after all events: typically writes what the turn's handlers queued.
package protocol EndOfTurnHandler: AnyObject {
    /// The turn is over, and the reactor is about to wait. No more events of this turn follow.
    func reactorTurnEnded()
}

/// Does something after all work for the end of the turn: for example, reports room that the writes have made.
package protocol AfterTurnHandler: AnyObject {
    /// The handlers for the end of the turn have been called, and tasks have had their turn.
    func reactorTurnIsOver()
}

/// Leaves work for the next turn, so that others are served in between.
package protocol NextTurnHandler: AnyObject {
    /// The next turn has come, or one after it when many have left work; its ready descriptors have been served.
    func reactorTurnGoesOn()

    /// Whether nothing is left to do, as for a connection that has ended meanwhile. Default false.
    var isOver: Bool { get }
}

extension NextTurnHandler {
    package var isOver: Bool { false }
}

/// An object that belongs to a reactor (see ``Reactor/shared(_:orMake:)``) and holds objects that refer to the reactor.
package protocol EndOfThreadHandler: AnyObject {
    /// The reactor's thread ends, and accepts no more work: everything that refers to the reactor must be released.
    func reactorThreadEnds()

    /// Whether it ends after the objects that do not, even if those were made later. Default false.
    var endsLast: Bool { get }
}

extension EndOfThreadHandler {
    package var endsLast: Bool { false }
}

extension Reactor {
    /// Calls the handler at the end of this turn, or before it goes on with what earlier ones have left; outside a run,
    /// in the next turn, which does not wait.
    ///
    /// It is called once for each call of this method: callers use a flag to ask only once per turn. When a handler
    /// asks while it is called at the end of a turn, it is called once more, at the end of the next one at the
    /// latest, and the reactor does not wait in between.
    package func atEndOfTurn(_ handler: consuming any EndOfTurnHandler) {
        checkThread()
        queues.endOfTurn.append(handler)
    }

    /// Calls the handler after all handlers for the end of this turn; outside a run, in the next turn, which does not
    /// wait. It is called once for each call of this method. When a handler asks while it is called, it is called in
    /// the next turn.
    package func afterEndOfTurn(_ handler: consuming any AfterTurnHandler) {
        checkThread()
        queues.afterTurn.append(handler)
    }

    /// Calls the handler in the next turn, which does not wait, after its ready descriptors have been served. When
    /// there are too many such handlers for a turn, the rest of them are called in the one after it. A handler is
    /// called once for each call of this method.
    package func inNextTurn(_ handler: consuming any NextTurnHandler) {
        checkThread()
        queues.nextTurn.append(handler)
    }

    /// Whether what is large waits for a later moment of this turn: other descriptors are ready, output is to be
    /// written, or something large has come before.
    package var largeWorkWaits: Bool {
        servesDescriptors && (ev_pending_count(loop) > 0 || !queues.endOfTurn.isEmpty || !queues.large.isEmpty)
    }

    /// Calls the handler in this turn, when ready descriptors and work from earlier turns have been served; in a later
    /// one when others have asked before it and the turn has moved its share. For what is large, so that what is small
    /// does not wait for it.
    package func laterInTurn(_ handler: consuming any NextTurnHandler) {
        checkThread()
        queues.large.append(handler)
    }

    /// Calls the handler when ready descriptors have been served, in this turn or in a later one, in the order of those
    /// that ask. For what begins or ends, when `grantChurn` has refused it time; then it has time once.
    package func whenChurnHasTime(_ handler: consuming any NextTurnHandler) {
        checkThread()
        queues.churn.append(handler)
    }

    /// Keeps the object alive until the end of the turn, so that it can be dropped within one of its own callbacks.
    /// Outside a turn none may follow, so the queues release what is over at once.
    package func deferRelease(_ object: AnyObject) {
        checkThread()
        if isDispatching { queues.releases.append(object) } else { releaseEnded() }
    }

    func releaseEnded() {
        guard queues.haveRests else { return }
        queues.releaseEnded()
        releasePending()
    }

    /// The one object of its type that belongs to this reactor, made at its first use.
    ///
    /// The objects are released with the reactor, in the order in which they were made, so each must refer to the
    /// reactor `unowned`, or release it as an ``EndOfThreadHandler``.
    @discardableResult
    package func shared<T: AnyObject>(_ type: T.Type, orMake make: () -> T) -> T {
        checkThread()
        let key = ObjectIdentifier(type)
        for index in 0..<sharedObjects.count where sharedObjects[index].type == key {
            return unsafeDowncast(sharedObjects[index].object, to: T.self)
        }
        let object = make()
        sharedObjects.append((key, object))
        return object
    }

    /// Ends the shared objects with the thread, in the order in which they were made.
    func endSharedObjects() {
        var index = 0
        var last: [any EndOfThreadHandler] = []
        // One of these calls may make another object.
        while true {
            if index < sharedObjects.count {
                let handler = sharedObjects[index].object as? any EndOfThreadHandler
                index += 1
                guard let handler else { continue }
                if handler.endsLast { last.append(handler) } else { handler.reactorThreadEnds() }
            } else if !last.isEmpty {
                last.removeFirst().reactorThreadEnds()
            } else {
                return
            }
        }
    }
}
