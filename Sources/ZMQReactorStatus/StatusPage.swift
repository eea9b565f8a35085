public import EventReactor
public import ZMQReactor

/// A page for web browsers that shows what a program does, live: reactors, sockets, peers, queues, rates, drops and
/// events.
///
/// ```swift
/// let status = try StatusPage(on: reactor, in: context, at: "tcp://127.0.0.1:8090")
/// print("Status: \(status.url)")
/// ```
///
/// The page is served on the reactor, beside everything else there, and asks every other reactor with sockets of the
/// context; one that is stuck is shown as such. It cannot show that its own reactor is stuck, other than by an answer
/// that does not come: a program with a busy loop gives the page a reactor of its own.
///
/// It is read-only, and only GET and HEAD are served:
///
/// | Path | |
/// |---|---|
/// | `/` | The page, which reads the next one once a second |
/// | `/status.json` | All that the page shows, for other programs |
///
/// **There is no login.** By default only programs of this machine can connect, and a browser only under the name
/// `localhost` or a loopback address, so that no page of the internet can read it by a name of its own. An endpoint
/// such as `tcp://*:8090` shows addresses, names and traffic of all peers to the whole network.
///
/// The page lives until ``close()``, or until the context is terminated, whether or not this object is kept.
public final class StatusPage {
    /// The address for a browser, such as `http://127.0.0.1:8090/`.
    public let url: String

    /// The resolved endpoint, such as `tcp://127.0.0.1:8090`.
    public let endpoint: String

    private let socket: StreamSocket

    /// Serves the page from now on.
    ///
    /// - Parameters:
    ///   - reactor: the reactor on which it is served.
    ///   - context: the context whose sockets are shown.
    ///   - endpoint: of tcp or ipc. By default a free port of the loopback address.
    ///   - hosts: further host names under which a browser may ask for the page, without a port: that of a proxy in
    ///     front of it. When any is given, other names are refused at every endpoint.
    /// - Throws: As `Socket.bind`.
    public init(
        on reactor: Reactor,
        in context: Context,
        at endpoint: String = "tcp://127.0.0.1:*",
        hosts: [String] = []
    ) throws(ZMQError) {
        let answers = Answers()
        let server = Server(hosts: hosts, answers: answers)
        socket = try StreamSocket(on: reactor, in: context, options: Self.options, handler: server)
        do throws(ZMQError) {
            self.endpoint = try socket.bind(endpoint)
        } catch {
            socket.close()
            throw error
        }
        url = Self.url(of: self.endpoint)
        server.endpoint = self.endpoint
        answers.begin(on: reactor, of: context, without: socket.number)
    }

    /// Closes the page, and the connections of browsers.
    public func close() { socket.close() }

    /// Few browsers at a time, and little time for each.
    private static var options: SocketOptions {
        var options = SocketOptions()
        options.linger = .atMost(.seconds(5))
        options.limits.connections = 64
        // What browsers do not read.
        options.sendBudget = 64 << 20
        return options
    }

    private static func url(of endpoint: String) -> String {
        let scheme = "tcp://"
        // What `curl --unix-socket PATH` takes.
        guard endpoint.hasPrefix(scheme) else { return "http://localhost/" }
        let address = endpoint.dropFirst(scheme.count)
        let port = address.split(separator: ":").last ?? ""
        return address.hasPrefix("0.0.0.0:") || address.hasPrefix("[::]:")
            ? "http://localhost:\(port)/" : "http://\(address)/"
    }
}

@available(*, unavailable, message: "a status page belongs to the thread of its reactor")
extension StatusPage: Sendable {}
