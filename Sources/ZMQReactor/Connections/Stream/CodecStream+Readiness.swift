import EventReactor

extension CodecStream {
    func watch(for interest: Readiness, handler: any ByteStreamHandler) {
        self.handler = handler
        inner.watch(for: .readable, on: reactor, handler: self)
        self.interest = interest
        beginPrelude()
    }

    /// Has the other stream watched for what is needed now.
    func updateInner() {
        var wanted: Readiness = []
        switch phase {
        case .closed: return
        case .prelude: wanted = waitsForTurn || waitsForChurn ? [] : .readable
        case .open: wanted = interest.intersection(.readable)
        }
        if ownFault != nil || endOfInput != nil || codec.isOver { wanted = [] }
        if hasOutput { wanted.insert(.writable) }
        if inner.interest != wanted { inner.interest = wanted }
    }

    /// Whether a write has a result other than that there is no room.
    var canWrite: Bool {
        guard case .open = phase else { return false }
        if codec.takesFrames { return !hasOutput }
        return !interest.contains(.readable)
    }

    /// What the connection watches for and does not learn from the other stream.
    var news: Readiness {
        var news: Readiness = []
        if interest.contains(.readable), hasInput { news.insert(.readable) }
        if interest.contains(.writable), canWrite { news.insert(.writable) }
        return news
    }

    func schedule() {
        guard !isScheduled else { return }
        isScheduled = true
        reactor.inNextTurn(self)
    }
}

extension CodecStream: NextTurnHandler {
    var isOver: Bool {
        if case .closed = phase { true } else { false }
    }

    func reactorTurnGoesOn() {
        if waitsForChurn {
            waitsForChurn = false
            return handshakeGoesOn()
        }
        isScheduled = false
        let news = news
        guard !news.isEmpty else { return }
        handler?.streamIsReady(for: news)
        if interest.contains(.readable), hasInput { schedule() }
    }
}

extension CodecStream: ByteStreamHandler {
    func streamIsReady(for ready: Readiness) {
        var news: Readiness = []
        if ready.contains(.writable) {
            if drain(), case .open = phase { sayControl() }
            if interest.contains(.writable), canWrite { news.insert(.writable) }
        }
        if ready.contains(.readable) {
            if case .prelude = phase {
                if mayStep() { continuePrelude() }
            } else if interest.contains(.readable), !(isScheduled && hasInput) {
                // What is kept goes on in its turn, not for each arrival.
                news.insert(.readable)
            }
        }
        if !news.isEmpty { handler?.streamIsReady(for: news) }
    }

    func streamTook(_ count: Int, isAnswer: Bool) { handler?.streamTook(count, isAnswer: isAnswer) }
}
