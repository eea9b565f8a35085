// Messages, and the commands between them.
//
//   CM-1    Unknown commands are ignored. So is READY (N-6).
//   N-7     ERROR ends the connection: a peer that finds a mismatch after its READY reports it this way.
//   HB-1    PING is answered; HB-2: its time to live is kept for the caller.
//   S-3     For PUB and XPUB, SUBSCRIBE and CANCEL are subscriptions, and so are messages of that form; other types
//           ignore them.
//   RAD-3   For RADIO, JOIN and LEAVE are subscriptions, and no message is.
//   DEV-33  Commands are accepted between the frames of a message. Subscriptions are not, because their message form
//           cannot stand there: no libzmq socket sends them so.
//
// Every event says how many commands were handled, so that the caller can limit what one peer causes in a turn: commands
// and what follows them are never one event.

extension Engine {
    /// Continues where messages may be subscriptions: parses one at a time, and classifies it.
    @inline(never)
    mutating func nextOfPublisher(_ input: inout Input) throws(ProtocolError) -> Event {
        let event = try phase.isTraffic ? nextInTraffic(&input, limit: 1) : nextInPhase(&input, limit: 1)
        guard !takesGroups, case .messages(let start, let end, _) = event else { return event }
        let frame = UnsafeRawPointer(input.base) + start
        let header = FrameHeader(trusted: frame)
        let body = UnsafeRawBufferPointer(start: frame + header.size, count: header.bodySize)
        guard let subscription = Subscription(messageForm: body) else { return event }
        return .subscription(subscription, start: start, end: end)
    }

    /// Continues with messages.
    @inline(__always)
    mutating func nextInTraffic(_ input: inout Input, limit: Int) throws(ProtocolError) -> Event {
        var commands = 0
        while true {
            switch try scanner.scan(&input, limit: limit) {
            case .messages(let start, let end, let count): return .messages(start: start, end: end, count: count)
            case .needsInput(let minimum): return .needsInput(minimum: minimum)
            // To find a frame takes a fraction of the time of a message.
            case .part: return .part(work: MessageScanner.framesAtOnce / 16)
            case .command(let offset, let header):
                let command = try command(at: offset, header, in: input)
                // An event of its own: it is found again.
                if commands > 0, command.name == .pong { return .commands(commands) }
                let event = try take(command, header, &input)
                guard case .commands(let count) = event else { return event }
                commands += count
                guard commands < limit, scanner.isCommandNext(input) else { return .commands(commands) }
            }
        }
    }

    /// Continues with messages that pass through a transform: opens some, and finds them among what has been opened.
    @inline(never)
    mutating func nextOpened(
        _ input: inout Input,
        _ opened: inout OpenedInput,
        _ transform: any MessageTransform,
        limit: Int
    ) throws(ProtocolError) -> Event {
        var hasOpened = false
        while true {
            if opened.count > 0 {
                var window = opened.window(input)
                let event = try nextInTraffic(&window, limit: limit)
                opened.consume(to: window, &input)
                guard case .needsInput = event else { return event }
                // What has been opened were commands, or frames of an unfinished message.
                if hasOpened {
                    return opened.portion > 0 ? .commands(opened.portion) : .part(work: max(opened.steps, 1))
                }
            } else if hasOpened {
                // All has been skipped.
                return .part(work: max(opened.steps, 1))
            }
            if let size = try transform.open(&input, &opened, limit: limit) {
                return .needsInput(minimum: opened.wait(for: size, &input))
            }
            hasOpened = true
        }
    }

    /// Handles the complete command that is next.
    private mutating func take(
        _ command: Command,
        _ header: FrameHeader,
        _ input: inout Input
    ) throws(ProtocolError) -> Event {
        switch command.name {
        case .ping:
            let (timeToLive, context) = try Ping.parse(command.data)
            peerTimeToLive = timeToLive
            Pong.append(context: context, to: &output)
        case .pong:
            try Pong.check(command.data)
            scanner.skip(header, &input)
            let end = scanner.next(input)
            return .pong(start: end - command.data.count, end: end)
        case .subscribe where takesSubscriptions && !takesGroups:
            return try takeSubscription(.subscribe, command, header, &input)
        case .cancel where takesSubscriptions && !takesGroups:
            return try takeSubscription(.cancel, command, header, &input)
        case .join where takesGroups:
            return try takeGroup(.subscribe, command, header, &input)
        case .leave where takesGroups:
            return try takeGroup(.cancel, command, header, &input)
        case .error:
            throw .refused(reason: try ErrorCommand.reason(command.data))
        case .subscribe, .cancel, .join, .leave, .ready, .hello, .welcome, .initiate, .other:
            break
        }
        scanner.skip(header, &input)
        return .commands(1)
    }

    /// A subscription, whose command becomes a message in place. It is subject to the limits of both.
    private mutating func takeSubscription(
        _ subscription: Subscription,
        _ command: Command,
        _ header: FrameHeader,
        _ input: inout Input
    ) throws(ProtocolError) -> Event {
        guard scanner.scanned == 0 else { throw .subscriptionInMessage }
        guard command.data.count < scanner.maxBodies else { throw .messageTooLarge(limit: scanner.maxBodies) }
        let end = input.start + header.frameSize
        let topic = end - command.data.count
        let form = subscription.rewriteInPlace(topic: input.base + topic, topicSize: command.data.count)
        input.start = end
        return .subscription(subscription, start: topic - form, end: end)
    }

    /// A request for a group, whose command becomes a message in place: the group, as a topic, is shorter than the
    /// command.
    private mutating func takeGroup(
        _ subscription: Subscription,
        _ command: Command,
        _ header: FrameHeader,
        _ input: inout Input
    ) throws(ProtocolError) -> Event {
        guard scanner.scanned == 0 else { throw .subscriptionInMessage }
        if let fault = Group.fault(of: command.data) { throw .malformedCommand("a group that \(fault)") }
        let size = command.data.count
        let end = input.start + header.frameSize
        let topic = end - size - 1
        (input.base + topic).storeBytes(of: UInt8(size), as: UInt8.self)
        let form = subscription.rewriteInPlace(topic: input.base + topic, topicSize: size + 1)
        input.start = end
        return .subscription(subscription, start: topic - form, end: end)
    }
}
