/// A part of the framework that calls handlers of an application: a report of a slow handler names that one.
package protocol HandlerOwner: AnyObject {
    /// For people, for example `PULL socket tcp://127.0.0.1:5555`.
    var reportName: String { get }

    /// The type of the application's handler; nil for a closure.
    var reportedHandlerType: Any.Type? { get }
}

/// Is called by the loop on behalf of a ``HandlerOwner``, which may be this object.
package protocol OwnedHandler: AnyObject {
    /// nil when the owner is gone, or calls no handlers.
    var handlerOwner: (any HandlerOwner)? { get }
}

/// What the loop calls.
enum HandlerSource {
    case descriptor(CInt, any FileDescriptorHandler)
    /// - Parameter interval: in nanoseconds; 0 for a timer that fires once.
    case timer(interval: Int64, (any TimerHandler)?)
    case wallClock
    case signal(Signal)
    case work
    case task
    case idle
    /// What the framework has left for a moment of the turn.
    case deferred(AnyObject)

    private var object: AnyObject? {
        switch self {
        case .descriptor(_, let handler): handler
        case .timer(_, let handler): handler
        case .deferred(let handler): handler
        case .wallClock, .signal, .work, .task, .idle: nil
        }
    }

    private var owner: (any HandlerOwner)? { (object as? any OwnedHandler)?.handlerOwner }

    /// What any thread may read about it, without touching the objects.
    var label: HandlerLabel {
        if let owner {
            return HandlerLabel(kind: .owner, ownerType: type(of: owner), handlerType: owner.reportedHandlerType)
        }
        return switch self {
        case .descriptor(_, let handler) where handler is ClosureDescriptorHandler: HandlerLabel(kind: kind)
        default: HandlerLabel(kind: kind, handlerType: object.map { type(of: $0) })
        }
    }

    private var kind: HandlerLabel.Kind {
        switch self {
        case .descriptor(let number, _): .descriptor(number)
        case .timer(let interval, _): .timer(interval)
        case .wallClock: .wallClock
        case .signal(let signal): .signal(signal)
        case .work: .work
        case .task: .task
        case .idle: .idle
        case .deferred: .deferred
        }
    }

    /// The report, on the thread of the reactor.
    func report(_ duration: Int64) -> SlowHandler {
        label.report(duration, hasReturned: true, ownerName: owner?.reportName)
    }
}

/// What a handler is, as values.
struct HandlerLabel: Sendable {
    enum Kind: Sendable {
        case descriptor(CInt)
        case timer(Int64)
        case wallClock
        case signal(Signal)
        case work, task, idle, deferred
        case owner
    }

    let kind: Kind
    var ownerType: Any.Type?
    var handlerType: Any.Type?

    func report(_ duration: Int64, hasReturned: Bool, ownerName: String? = nil) -> SlowHandler {
        SlowHandler(
            source: ownerName ?? name,
            handlerType: handlerType.map { String(describing: $0) },
            duration: .nanoseconds(duration),
            hasReturned: hasReturned
        )
    }

    private var name: String {
        switch kind {
        case .descriptor(let number): "descriptor \(number)"
        case .timer(let interval) where interval > 0: "timer every \(Duration.nanoseconds(interval))"
        case .timer: "timer"
        case .wallClock: "wall-clock timer"
        case .signal(let signal): "signal \(signal)"
        case .work: "submitted work"
        case .task: "task"
        case .idle: "idle handler"
        case .deferred: "end of turn"
        case .owner: ownerType.map { String(describing: $0) } ?? "socket"
        }
    }
}
