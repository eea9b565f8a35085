import EventReactor
import ZMQReactor

/// What is at each path.
final class Answers {
    private var log: EventLog?
    private var collector: Collector?
    private var context: Context?

    func begin(on reactor: Reactor, of context: Context, without hidden: Int) {
        let log = EventLog(without: hidden)
        context.reportEvents(to: log)
        (self.log, self.context) = (log, context)
        collector = Collector(on: reactor, of: context, log, without: hidden)
    }

    /// Nothing is asked for any more.
    func end() {
        collector?.stop()
        if let log { context?.reportNoEvents(to: log) }
        (collector, log, context) = (nil, nil, nil)
    }

    /// Replies to a request, now or later.
    func answer(_ request: Request, _ reply: @escaping (Response) -> Void) {
        switch request.path {
        case "/": reply(Response(type: "text/html; charset=utf-8", body: PackageResources.index_html))
        case "/status.css": reply(Response(type: "text/css; charset=utf-8", body: PackageResources.status_css))
        case "/status.js": reply(Response(type: "text/javascript; charset=utf-8", body: PackageResources.status_js))
        case "/status.json":
            collector?.collectJSON { reply(Response(type: "application/json", body: $0)) }
        default: reply(Response(RequestFault(.notFound, "there is no such page")))
        }
    }
}
