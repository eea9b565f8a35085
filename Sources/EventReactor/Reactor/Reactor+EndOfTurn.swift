/// Somebody with something to do once per turn, after all events: typically writing what the turn's handlers queued.
package protocol EndOfTurnHandler: AnyObject {
    /// The turn is over, and the reactor is about to wait. Events of this turn do not come any more.
    func reactorTurnEnded()
}

/// Somebody with something to do when everybody has done what is to be done at the end of a turn: telling of room, say, that writing
/// has made.
package protocol AfterTurnHandler: AnyObject {
    /// The handlers for the end of the turn have been called, and tasks have had their turn.
    func reactorTurnIsOver()
}

/// Somebody who has left work for the next turn, so that others are served in between.
package protocol NextTurnHandler: AnyObject {
    /// The next turn has come, and what became ready for it has been served.
    func reactorTurnGoesOn()
}

/// An object that belongs to a reactor (see ``Reactor/shared(_:orMake:)``) and holds what refers to it.
package protocol EndOfThreadHandler: AnyObject {
    /// The reactor's thread ends, and no work from elsewhere comes any more: what refers to the reactor has to go.
    func reactorThreadEnds()
}

extension Reactor {
    /// Calls the handler at the end of this turn; outside of a run, at the end of the next turn, which does
    /// not wait.
    ///
    /// Once for each call of this method: a caller keeps a flag to ask only once per turn. Asked for by a handler that is
    /// called at the end of a turn, it happens at the end of the next one, and the reactor does not wait in between.
    package func atEndOfTurn(_ handler: consuming any EndOfTurnHandler) {
        checkThread()
        flushList.append(handler)
    }

    /// Calls the handler once all handlers for the end of this turn have been called; outside of a run, in the next turn, which does not
    /// wait. Once for each call of this method. Asked for by a handler that is called then, it happens in the next turn.
    package func afterEndOfTurn(_ handler: consuming any AfterTurnHandler) {
        checkThread()
        afterTurn.append(handler)
    }

    /// Calls the handler in the next turn, which does not wait, when descriptors that are ready in it have been served. Once for each call
    /// of this method.
    package func inNextTurn(_ handler: consuming any NextTurnHandler) {
        checkThread()
        nextTurn.append(handler)
    }

    /// Keeps the object alive until the end of the turn, so that it can be given up within one of its own callbacks.
    package func deferRelease(_ object: AnyObject) {
        checkThread()
        if isDispatching { pendingReleases.append(object) }
    }

    /// The one object of its type that belongs to this reactor, made when it is first asked for.
    ///
    /// It is released with the reactor, so it must not hold it other than `unowned`, or let go of it as an ``EndOfThreadHandler``.
    @discardableResult
    package func shared<T: AnyObject>(_ type: T.Type, orMake make: () -> T) -> T {
        checkThread()
        let key = ObjectIdentifier(type)
        if let object = sharedObjects[key] { return unsafeDowncast(object, to: T.self) }
        let object = make()
        sharedObjects[key] = object
        return object
    }
}
