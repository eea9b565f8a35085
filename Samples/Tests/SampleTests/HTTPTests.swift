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
        #expect(server.standardOutput == "Open http\(endpoint.dropFirst(3))/ in a browser\n")
    }

    @Test("files are served under their names, and nothing else")
    func files() throws {
        let endpoint = try freeEndpoint()
        let directory = Project.file("Samples/browser")
        let server = try sample("http-server", "--bind", endpoint, "--files", directory)
        try server.expectOutput("in a browser")
        let browser = try python(
            """
            import http.client, pathlib
            host, port = sys.argv[1][6:].split(":")
            directory = pathlib.Path(sys.argv[2])
            def get(path):
                connection = http.client.HTTPConnection(host, int(port))
                connection.putrequest("GET", path)
                connection.endheaders()
                answer = connection.getresponse()
                return answer.status, answer.getheader("Content-Type"), answer.read()
            for path, name, kind in (
                ("/", "index.html", "text/html; charset=utf-8"), ("/?zips=10001", "index.html", "text/html; charset=utf-8"),
                ("/zmq.js", "zmq.js", "text/javascript"), ("/style.css", "style.css", "text/css"),
            ):
                assert get(path) == (200, kind, (directory / name).read_bytes()), path
            for path in ("/run", "/../run", "/../../README.md", "//zmq.js", "/%7Amq.js", "zmq.js", "/zmq.js/", "*"):
                assert get(path)[0] == 404, path
            """,
            endpoint,
            directory
        )
        try browser.expectExit(within: .seconds(30))
        server.interrupt()
        try server.expectExit()
    }

    @Test("a directory that is not there is one clear line, exit status 1")
    func missingDirectory() throws {
        let server = try ChildProcess(
            Project.executable("http-server"),
            ["--bind", freeEndpoint(), "--files", "/no/such/directory"],
            environment: abruptEnd
        )
        try server.expectExit(.exited(1))
        #expect(server.standardError.hasPrefix("Error: ") && server.standardError.contains("directory"))
        #expect(server.standardError.split(separator: "\n").count == 1)
        #expect(server.standardOutput.isEmpty)
    }
}
