import ZMQReactor

/// What Sources/ZMQReactor/Documentation.docc/Deployment.md shows.
enum DeploymentPage {
    static func passedOrBound(_ server: RepSocket) throws {
        do {
            try server.bind(passed: "requests")
        } catch let error where error.code == .noSuchEndpoint {
            try server.bind("tcp://*:5555")
        }
    }
}
