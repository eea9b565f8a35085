extension Pipe {
    /// What is queued for the peer. Beyond this process, or on another thread, more may be on its way.
    var sendLevel: QueueLevel {
        let ownsOutstanding = link?.ownsOutstanding == true
        return QueueLevel(ownsOutstanding ? outbound.held + sending.outstanding : outbound.held, within: sending)
    }

    /// What has arrived from the peer and has not been taken by the application.
    var receiveLevel: QueueLevel { QueueLevel(inbound.held, within: receiving) }
}

extension QueueLevel {
    fileprivate init(_ held: Credit, within window: CreditWindow) {
        // A window that is closed has no marks any more.
        func mark(_ limit: Int) -> Int? { limit == .max || limit < 0 ? nil : limit }
        self.init(
            messages: held.messages,
            bytes: held.bytes,
            messageMark: mark(window.messageLimit),
            byteMark: mark(window.byteLimit)
        )
    }
}
