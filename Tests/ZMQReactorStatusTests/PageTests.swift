import Foundation
import Testing
import ZMQReactorTestSupport
import ZMQReactorTesting

@testable import ZMQReactorStatus

/// The page as browsers see it, and clients that only resemble them, in virtual time.
@Suite(.timeLimit(.minutes(5))) struct PageTests {
    private let endpoint = "memory://status"
    private static let get = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"

    private func withPage(_ body: (TestScene) throws -> Void) throws {
        try withTestScene { scene in
            let page = try StatusPage(on: scene.reactor, in: scene.context, at: endpoint)
            try body(scene)
            page.close()
        }
    }

    /// Sends, and waits for the end of the connection.
    private func answer(to request: String, in scene: TestScene) throws -> Answer {
        let peer = try scene.rawPeer(to: endpoint)
        peer.send(request)
        try scene.run(
            until: {
                peer.poll()
                return peer.isClosed
            },
            "the answer"
        )
        return try Answer(peer.received)
    }

    @Test("what is at each path, with its headers")
    func paths() throws {
        try withPage { scene in
            for (path, type, part) in [
                ("/", "text/html; charset=utf-8", "<title>Status</title>"),
                ("/?query", "text/html; charset=utf-8", "status.js"),
                ("/status.css", "text/css; charset=utf-8", "color-scheme"),
                ("/status.js", "text/javascript; charset=utf-8", "textContent"),
                ("/status.json", "application/json", "\"reactors\":["),
            ] {
                let found = try answer(to: "GET \(path) HTTP/1.1\r\nHost: localhost:1\r\n\r\n", in: scene)
                #expect(found.status == 200 && found["content-type"] == type && found.text.contains(part), "\(path)")
                #expect(found["content-length"] == "\(found.body.count)" && found["connection"] == "close")
                #expect(found["content-security-policy"]?.hasPrefix("default-src 'none'; script-src 'self';") == true)
                #expect(found["x-content-type-options"] == "nosniff" && found["cache-control"] == "no-store")
                #expect(found["access-control-allow-origin"] == nil)
            }
        }
    }

    @Test("a connection that has been answered leaves no timer")
    func answered() throws {
        try withPage { scene in
            let timers = scene.reactor.activeWatchers.timers
            for _ in 0..<100 { #expect(try answer(to: Self.get, in: scene).status == 200) }
            let socket = try #require(scene.reactor.openSockets.first)
            try scene.run(until: { socket.connections.isEmpty })
            scene.settle()
            #expect(scene.reactor.activeWatchers.timers == timers)
        }
    }

    @Test("the page has no code or style of its own that a browser would have to be allowed to run")
    func nothingInline() {
        let page = String(decoding: PackageResources.index_html, as: UTF8.self)
        #expect(page.firstMatch(of: /<script(?![^>]*src=)|<style|\son\w+=|\sstyle=|javascript:/) == nil)
        let script = String(decoding: PackageResources.status_js, as: UTF8.self)
        #expect(
            script.firstMatch(of: /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function/) == nil
        )
    }

    @Test("the answer to a HEAD has the length, and no body")
    func head() throws {
        try withPage { scene in
            let found = try answer(to: "HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n", in: scene)
            #expect(found.status == 200 && found.body.isEmpty)
            #expect(found["content-length"] == "\(PackageResources.index_html.count)")
        }
    }

    @Test(
        "nonsense gets a 4xx, and the connection ends",
        arguments: [
            ("\u{1}\u{2}", 400), ("hello\r\n\r\n", 400), ("POST / HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
            ("GET /secret HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
            ("GET /../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
            ("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 403),
            ("GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 403),
            ("GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc", 413),
            ("GET / HTTP/1.1\r\nX: \(String(repeating: "x", count: 9000))", 431),
        ]
    )
    func nonsense(request: String, status: Int) throws {
        try withPage { scene in
            let found = try answer(to: request, in: scene)
            #expect(found.status == status && found["connection"] == "close" && !found.body.isEmpty)
            if status == 405 { #expect(found["allow"] == "GET, HEAD") }
            // The next one is served.
            #expect(try answer(to: Self.get, in: scene).status == 200)
        }
    }

    @Test("a request that does not end is refused after a time, a byte at a time or not at all")
    func slowRequest() throws {
        try withPage { scene in
            let silent = try scene.rawPeer(to: endpoint)
            let slow = try scene.rawPeer(to: endpoint)
            let start = scene.elapsed
            let ticks = scene.reactor.every(.seconds(1)) { _ in slow.send("G") }
            try scene.run(until: {
                for peer in [silent, slow] { peer.poll() }
                return silent.isClosed && slow.isClosed
            })
            ticks.cancel()
            #expect(try Answer(silent.received).status == 408)
            #expect(try Answer(slow.received).status == 408)
            #expect(scene.elapsed - start <= Server.requestTime + Server.drainTime + .seconds(1))
        }
    }

    @Test("a browser that does not read its answer is disconnected, and holds up nothing")
    func slowReader() throws {
        try withPage { scene in
            let slow = try scene.rawPeer(to: endpoint)
            scene.network.connections[0].backward.isStalled = true
            slow.send(Self.get)
            let start = scene.elapsed
            #expect(try answer(to: Self.get, in: scene).status == 200)
            #expect(scene.elapsed - start < .seconds(1))
            let socket = try #require(scene.reactor.openSockets.first)
            #expect(socket.connections.count == 1)
            try scene.run(until: { socket.connections.isEmpty }, "the end of the connection", within: .seconds(6))
            slow.hangUp()
        }
    }

    @Test("input without an end is ignored once it is refused")
    func flood() throws {
        try withPage { scene in
            let peer = try scene.rawPeer(to: endpoint)
            let ticks = scene.reactor.every(.milliseconds(10)) { _ in peer.send(String(repeating: "x", count: 4000)) }
            try scene.run(until: {
                peer.poll()
                return peer.isClosed
            })
            ticks.cancel()
            #expect(try Answer(peer.received).status == 431)
        }
    }

    @Test("a page ends with its context, and with close(), and leaves nothing")
    func ends() throws {
        try withTestScene { scene in
            _ = try StatusPage(on: scene.reactor, in: scene.context, at: endpoint)
            let other = try StatusPage(on: scene.reactor, in: scene.context, at: "memory://other")
            let peer = try scene.rawPeer(to: "memory://other")
            peer.send(Self.get.dropLast(2).description)
            scene.settle()
            other.close()
            try scene.run(until: {
                peer.poll()
                return peer.isClosed
            })
            var isTerminated = false
            let stopped = Flag()
            scene.context.terminate { _ in stopped.set() }
            try scene.run(until: {
                isTerminated = stopped.isSet
                return isTerminated
            })
        }
    }

    @Test("an endpoint that is in use is an error, and the context can be terminated")
    func inUse() throws {
        try withPage { scene in
            #expect(throws: ZMQError.self) { try StatusPage(on: scene.reactor, in: scene.context, at: endpoint) }
        }
    }

    @Test("the address for a browser")
    func url() throws {
        let reactor = try Reactor()
        let context = Context()
        let page = try StatusPage(on: reactor, in: context)
        #expect(page.endpoint.hasPrefix("tcp://127.0.0.1:") && page.url == "http\(page.endpoint.dropFirst(3))/")
        let open = try StatusPage(on: reactor, in: context, at: "tcp://*:*")
        #expect(open.url.hasPrefix("http://localhost:"))
        let path = Unique.abstractEndpoint()
        #expect(try StatusPage(on: reactor, in: context, at: path).url == "http://localhost/")
        let closed = Flag()
        context.terminate { _ in closed.set() }
        try reactor.run(until: { closed.isSet })
    }
}
