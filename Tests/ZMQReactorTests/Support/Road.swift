import Glibc
import Testing
import ZMQReactorTestSupport

/// A transport for parameterised tests.
enum Road: String, Codable, CaseIterable, CustomTestStringConvertible {
    case tcp, ipc, abstract, inproc

    /// The transports that leave the program.
    static let wire: [Road] = [.tcp, .ipc, .abstract]

    /// An endpoint to bind to.
    var endpoint: String {
        switch self {
        case .tcp: anyPort
        case .ipc: Unique.ipcEndpoint()
        case .abstract: Unique.abstractEndpoint()
        case .inproc: Unique.inprocEndpoint()
        }
    }

    /// An endpoint to connect to before it is bound.
    func freshEndpoint() throws -> String { self == .tcp ? try freeEndpoint() : endpoint }

    var testDescription: String { "\(self)" }
}
