import EventReactor

/// The session pipes on a reactor that have sent messages in this turn, and acknowledge them together.
///
/// An owner that is given room while other connections still wait to write fills the first one again, and again: room
/// is shared fairly only if it is reported after all of them have written, and before any owner wakes.
final class Acknowledgements: ReactorLocal {
    private var pipes: ContiguousArray<SessionPipe> = []
    private var spare: ContiguousArray<SessionPipe> = []

    /// The pipe acknowledges at the end of the turn.
    func add(_ pipe: SessionPipe) {
        if pipes.isEmpty { pipe.reactor.afterEndOfTurn(self) }
        pipes.append(pipe)
    }
}

extension Acknowledgements: AfterTurnHandler {
    func reactorTurnIsOver() {
        swap(&pipes, &spare)
        // Two passes: waking an owner may hand it the processor.
        for pipe in spare { pipe.acknowledgeSent() }
        for pipe in spare { pipe.wakeAwaitingOwner() }
        spare.removeAll(keepingCapacity: true)
    }
}
