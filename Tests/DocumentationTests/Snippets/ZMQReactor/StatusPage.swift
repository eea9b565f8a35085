import ZMQReactor
import ZMQReactorStatus

/// What Sources/ZMQReactor/Documentation.docc/StatusPage.md shows.
enum StatusPagePage {
    static func page(_ reactor: Reactor, _ context: Context) throws {
        let status = try StatusPage(on: reactor, in: context, at: "tcp://127.0.0.1:8090")
        print("Open \(status.url) in a browser")
    }

    static func ofItsOwn(_ context: Context) throws -> ReactorThread {
        let watcher = try Reactor.start(named: "status") { reactor in
            let status = try StatusPage(on: reactor, in: context, at: "tcp://127.0.0.1:8090")
            print("Open \(status.url) in a browser")
        }
        return watcher
    }

    static func behindProxy(_ reactor: Reactor, _ context: Context) throws -> StatusPage {
        let status = try StatusPage(on: reactor, in: context, hosts: ["status.example"])
        return status
    }
}
