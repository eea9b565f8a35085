import Testing
import ZMQReactorTestSupport

@Suite(.hangLimit)
struct HTTPTests {
    @Test("RAW-05: an HTTP client of Python is served")
    func browser() throws {
        let endpoint = try freeEndpoint()
        let server = try sample("http-server", "--bind", endpoint)
        let browsers = try python(
            """
            import http.client, socket
            host, port = sys.argv[1][6:].split(":")
            def connect():
                for _ in range(1000):
                    try:
                        return socket.create_connection((host, int(port)))
                    except ConnectionRefusedError:
                        time.sleep(0.01)
            connect().close()
            for method, status, page in (("GET", 200, b"Hello, World!"), ("PUT", 405, b"")):
                connection = http.client.HTTPConnection(host, int(port))
                connection.request(method, "/")
                answer = connection.getresponse()
                assert (answer.status, answer.read()) == (status, page), answer.status
                assert answer.getheader("Content-Type") == "text/plain"

            # Byte by byte, beside one that says nothing and one that never stops.
            slow, silent, talker = connect(), connect(), connect()
            for byte in b"GET / HTTP/1.1\\r\\n\\r\\n":
                slow.send(bytes([byte]))
                time.sleep(0.001)
            assert slow.makefile("rb").read().endswith(b"Hello, World!")
            talker.sendall(b"x" * 9000)
            assert talker.makefile("rb").read().startswith(b"HTTP/1.1 431 ")
            """,
            endpoint
        )
        try browsers.expectExit(within: .seconds(30))
        server.interrupt()
        try server.expectExit()
        #expect(server.standardError.isEmpty)
    }
}
