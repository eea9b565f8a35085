import Glibc
import Testing
import ZMQReactorTestSupport

/// A transport for parameterised tests: a row here makes all of them cover it.
enum Road: String, Codable, CaseIterable, CustomTestStringConvertible {
    case tcp, ipc, abstract, inproc, ws

    /// The transports that leave the program.
    static let wire = allCases.filter { $0 != .inproc }

    /// One of each kind, for tests that take long.
    static let kinds = allCases.filter { $0 != .abstract }

    /// Those of `kinds` that connections on I/O threads use.
    static let wireKinds = kinds.filter { $0 != .inproc }

    /// Those whose connections carry the bytes of the protocol, and nothing else.
    static let plain = wire.filter { $0 != .ws }

    /// An endpoint to bind to.
    var endpoint: String {
        switch self {
        case .tcp: anyPort
        case .ipc: Unique.ipcEndpoint()
        case .abstract: Unique.abstractEndpoint()
        case .inproc: Unique.inprocEndpoint()
        case .ws: "ws://127.0.0.1:*/path"
        }
    }

    /// An endpoint to connect to before it is bound.
    func freshEndpoint() throws -> String {
        switch self {
        case .tcp: try freeEndpoint()
        case .ws: try freeEndpoint().replacing("tcp://", with: "ws://") + "/path"
        default: endpoint
        }
    }

    /// The owner of an endpoint.
    static func of(_ endpoint: String) -> Road {
        switch endpoint.prefix(while: { $0 != ":" }) {
        case "tcp": .tcp
        case "ws": .ws
        case "inproc": .inproc
        default: .ipc
        }
    }

    var testDescription: String { "\(self)" }
}
