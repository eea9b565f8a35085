import Glibc
import TestSupport
import Testing

/// A transport that the same tests run over.
enum Road: String, Codable, CaseIterable, CustomTestStringConvertible {
    case tcp, ipc, abstract, inproc

    /// Those that leave the program.
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

    /// An endpoint to connect to before anybody is bound there.
    func freshEndpoint() throws -> String { self == .tcp ? try freeEndpoint() : endpoint }

    var testDescription: String { "\(self)" }
}
